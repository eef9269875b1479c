import { journalContract } from './contract';
import { describePostgres, postgresPlace } from './postgres-place';

describePostgres('PostgreSQL', (server) => {
  journalContract('PostgreSQL', () => postgresPlace(server()));
});

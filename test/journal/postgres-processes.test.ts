import { journalProcesses } from './contract-processes';
import { describePostgres, postgresPlace } from './postgres-place';

describePostgres('PostgreSQL', (server) => {
  journalProcesses('PostgreSQL', () => postgresPlace(server()));
});

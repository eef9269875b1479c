import { journalContract } from './contract';
import { journalChain } from './contract-chain';
import { describePostgres, postgresPlace } from './postgres-place';

describePostgres('PostgreSQL', (server) => {
  journalContract('PostgreSQL', () => postgresPlace(server()));
  journalChain('PostgreSQL', () => postgresPlace(server()));
});

import { journalContract } from './contract';
import { journalChain } from './contract-chain';
import { sqlitePlace } from './sqlite-place';

journalContract('SQLite', async () => sqlitePlace());
journalChain('SQLite', async () => sqlitePlace());

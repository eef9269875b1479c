import { journalContract } from './contract';
import { sqlitePlace } from './sqlite-place';

journalContract('SQLite', async () => sqlitePlace());

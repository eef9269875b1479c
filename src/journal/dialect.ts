import type { Dialect, Kysely, RawBuilder, SelectQueryBuilder, Transaction } from 'kysely';
import type { Tables } from './schema';

/** All that differs between the databases a journal may live in. The queries themselves are the same for all. */
export interface JournalDialect {
  /** How Kysely reaches the database. Its transactions are write transactions: they wait for other writers. */
  kysely: Dialect;
  /** For people: where the journal is. Never a secret. */
  place: string;
  /** The type of a column of ids, which sorts by bytes. */
  idType: 'text' | RawBuilder<unknown>;
  /** Makes a read inside a transaction keep others from writing the rows it found; `skip` passes over rows kept. */
  lockRows<TB extends keyof Tables, O>(
    query: SelectQueryBuilder<Tables, TB, O>,
    others: 'wait' | 'skip',
  ): SelectQueryBuilder<Tables, TB, O>;
  /** Whether processes on other machines may share it, each with a clock of its own. */
  shared: boolean;
  /** Keeps other processes from changing the schema until the transaction ends. */
  lockSchema(trx: Transaction<Tables>): Promise<void>;
  /** Whether the error says that a value is there already where it must be unique. */
  isUniqueViolation(error: unknown): boolean;
  /** Makes the database itself refuse to change or delete rows of the table. */
  refuseChanges(trx: Transaction<Tables>, table: 'events' | 'refusals'): Promise<void>;
}

/** What the methods of a journal are made from. */
export interface JournalContext {
  db: Kysely<Tables>;
  dialect: JournalDialect;
  /** Makes the token of a lease. Never gives the same twice. */
  newToken(): string;
}

import { AppError } from '../errors';
import { JournalBusyError, JournalUnavailableError } from './errors';

/** What to do about it, by PostgreSQL's own code. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNAVAILABLE: Record<string, string> = {
  '28P01': 'It refused the user or the password. Check both in DATABASE_URL.',
  '28000': 'It lets this user not in. Check the user in DATABASE_URL, and pg_hba.conf on the server.',
  '3D000': 'There is no such database. Create it (createdb), or correct its name in DATABASE_URL.',
  '3F000': 'There is no schema to make tables in. Create one, or correct the search_path of this user.',
  '42501':
    'This user lacks a right. It needs CREATE and USAGE on the schema: make it the owner of the database.',
  '53100': 'Its disk is full.',
  '53300': 'It has no connection left. Raise max_connections, or run fewer replicas.',
  '57P03': 'It is starting or stopping. Try again in a moment.',
  '25006': 'It is read-only, such as a standby. Point DATABASE_URL to the primary.',
};
/** lock_not_available, deadlock_detected, serialization_failure, query_canceled (the statement timeout). */
const BUSY: Record<string, string> = {
  '55P03': 'kept locked by another process',
  '40P01': 'locked by two processes that waited for each other',
  '40001': 'changed by another process meanwhile',
  '57014': 'too slow: a statement reached its time limit',
};
/** Connection exceptions, lack of resources, an operator's intervention, a transaction that idled too long. */
const LOST = /^(08|53|57P|58|25P03)/;
/** What the driver says without a code when it has no connection, or no answer. */
const DRIVER = /connection|timeout|not queryable|socket|SSL|SASL|certificate/i;
/** Node's own: ECONNREFUSED, ENOTFOUND, EPIPE, and those of certificates. */
const NODE = /^(E[A-Z]+|ERR_[A-Z_]+|[A-Z]+_CERT[A-Z_]*|CERT_[A-Z_]+|UNABLE_TO_[A-Z_]+)$/;

/**
 * Turns what an operator can mend into an error that says how; leaves anything else as it is. No message and no
 * cause of PostgreSQL or of the driver holds the password.
 */
export function explainPostgres(place: string, error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const cause = { cause: error };
  const busy = BUSY[code];
  if (busy !== undefined) {
    return new JournalBusyError(
      `The journal, ${place}, was ${busy} (${code}). Nothing was written. Try again; if it stays so, look into pg_stat_activity.`,
      cause,
    );
  }
  const hint = UNAVAILABLE[code];
  if (hint !== undefined || LOST.test(code)) {
    return new JournalUnavailableError(
      `The journal, ${place}, cannot be used (${code}: ${wordsOf(error)}). ${hint ?? 'Try again; if it stays so, look at the log of the server.'}`,
      cause,
    );
  }
  if (isUnreachable(error)) {
    const words = [code, wordsOf(error)].filter(Boolean).join(': ');
    return new JournalUnavailableError(
      `The journal, ${place}, cannot be reached (${words}). Check that the server runs and the address and the sslmode in DATABASE_URL.`,
      cause,
    );
  }
  return error;
}

/** Whether the connection is of no use any more, so that it must not go back into the pool. */
export function isUnreachable(error: unknown): boolean {
  const code = codeOf(error);
  if (/^[0-9A-Z]{5}$/.test(code) && !NODE.test(code)) return LOST.test(code) && !code.startsWith('53');
  return NODE.test(code) || (code === '' && DRIVER.test(wordsOf(error)));
}

/** The code of the error, or of the first of those that it gathers, as for the addresses of `localhost`. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  const [first] = (error as { errors?: unknown[] } | null)?.errors ?? [];
  return first === undefined ? '' : codeOf(first);
}

function wordsOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  if (typeof message === 'string' && message !== '') return message;
  const [first] = (error as { errors?: unknown[] } | null)?.errors ?? [];
  return first === undefined ? 'no reason given' : wordsOf(first);
}

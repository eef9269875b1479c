import { type Kysely, sql } from 'kysely';
import type { JournalDialect } from './dialect';
import { JournalClockError } from './errors';
import type { Tables } from './schema';

/**
 * How far two clocks that share a journal may be apart, in ms. Leases are times of this machine that others compare
 * with theirs; they last many times longer than this.
 */
export const MOST_SKEW_MS = 5_000;

/**
 * How far this machine's clock is ahead of the database server's, in ms; negative when it is behind. What the question
 * itself may have taken is in its favour.
 * @throws JournalUnavailableError
 */
async function clockSkew(db: Kysely<Tables>, now: () => number): Promise<number> {
  const asked = now();
  const { rows } = await sql<{ ms: string }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as ms
  `.execute(db);
  const answered = now();
  const ahead = (asked + answered) / 2 - Number(rows[0]?.ms);
  return Math.sign(ahead) * Math.max(0, Math.abs(ahead) - (answered - asked) / 2);
}

/**
 * What is wrong with this machine's clock, in words; `null` when nothing is, or when no other machine has the journal.
 * @throws JournalUnavailableError
 */
export async function clockProblem(
  db: Kysely<Tables>,
  { shared, place }: Pick<JournalDialect, 'shared' | 'place'>,
  now: () => number = Date.now,
): Promise<string | null> {
  const skewMs = shared ? await clockSkew(db, now) : 0;
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return null;
  const far = `${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'}`;
  return `This machine's clock is ${far} the one of ${place}, so that processes would take each other's work. Set both by NTP.`;
}

/** @throws JournalClockError when something is; JournalUnavailableError */
export async function refuseClock(...looked: Parameters<typeof clockProblem>): Promise<void> {
  const problem = await clockProblem(...looked);
  if (problem !== null) throw new JournalClockError(problem);
}

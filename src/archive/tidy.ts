import { CardError, LeaseLostError } from './errors';
import type { Parts } from './parts';

const WAIT_MS = 500;

/**
 * For a worker that lost its lease on the way. A process that was stopped between its last look at the lease and the
 * words it said has said them when it woke, and another worker may have spoken before: then the card or a line stands
 * there twice, or the card says what was true before. So it takes the doubles away and has the card written anew.
 * Never throws what Slack or another worker does: nothing better is known than to say it in the log.
 */
export async function tidy(parts: Parts, id: string): Promise<void> {
  const { journal, cards, clock, limits, sleep, logger } = parts;
  // Whoever holds it now gives it back before its lease ends, or loses it then.
  const until = clock.now() + limits.leaseMs + WAIT_MS;
  for (let now = clock.now(); now <= until; now = clock.now()) {
    const [claimed] = await journal.claim({
      ...{ now, until: now + limits.leaseMs, limit: 1 },
      ...{ ids: [id], early: true },
    });
    if (claimed?.lease) {
      try {
        // Without a card, whoever goes on looks for one before posting it.
        if (claimed.card !== null) {
          await journal.note(id, claimed.lease, now, { publishAt: now });
          await cards.removeDoubles(claimed, claimed.card);
        }
        return;
      } catch (error) {
        if (!(error instanceof CardError || error instanceof LeaseLostError)) throw error;
        logger.warn('not tidied', { request: id, error });
        if (error instanceof CardError && error.failure === 'refused') return;
      } finally {
        await journal.release(id, claimed.lease);
      }
    }
    await sleep(WAIT_MS);
  }
  logger.error('not looked for doubles of the card', { request: id });
}

import { CardError } from '../archive/errors';
import type { CardPort, Clock } from '../archive/ports';

/**
 * Keeps to what Slack asked for: after a "slow down" for one channel (posts) or for the workspace (edits), nothing of
 * that kind is tried until the time has passed. What has to wait is put off, so other channels go ahead meanwhile.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
export function withHolds(cards: CardPort, clock: Clock): CardPort {
  const heldUntil = new Map<string, number>();

  async function guard<T>(key: string, work: () => Promise<T>): Promise<T> {
    const wait = (heldUntil.get(key) ?? 0) - clock.now();
    if (wait > 0) throw new CardError('not_now', 'ratelimited', 'Slack asked to slow down.', wait);
    heldUntil.delete(key);
    try {
      return await work();
    } catch (error) {
      if (error instanceof CardError && error.retryAfterMs !== null)
        heldUntil.set(key, clock.now() + error.retryAfterMs);
      throw error;
    }
  }

  return {
    post: (request) => guard(`post ${request.channel}`, () => cards.post(request)),
    find: (request) => guard('find', () => cards.find(request)),
    update: (request, card) => guard('update', () => cards.update(request, card)),
    addToThread: (request, card, events) =>
      guard(`post ${card.channel}`, () => cards.addToThread(request, card, events)),
    lastInThread: (request, card) => guard('thread', () => cards.lastInThread(request, card)),
    removeDoubles: (request, card) => guard('thread', () => cards.removeDoubles(request, card)),
    tellEnd: cards.tellEnd,
    tell: cards.tell,
  };
}

import type { ArchiveLogger } from '../archive/parts';
import type { CardPort } from '../archive/ports';
import { toCardError } from './slack-errors';

/** Before each further try, in ms. A second private word does no harm, and none at all would be a click unanswered. */
const PAUSES_MS = [1_000, 3_000, 9_000, 20_000];

/** A private word to a person. Never throws: it is the last resort, tried again for half a minute, and then logged. */
export function createTell(
  cards: Pick<CardPort, 'tell'>,
  { sleep, logger }: { sleep: (ms: number) => Promise<unknown>; logger: Pick<ArchiveLogger, 'error'> },
): (user: string, channel: string, text: string) => Promise<void> {
  return async (user, channel, text) => {
    for (const pause of [...PAUSES_MS, null]) {
      try {
        return await cards.tell(user, channel, text);
      } catch (error) {
        const { failure, retryAfterMs } = toCardError(error);
        if (failure === 'refused' || pause === null)
          return logger.error('not told', { user, channel, error });
        await sleep(Math.max(pause, Math.min(retryAfterMs ?? 0, 60_000)));
      }
    }
  };
}

import type { Journal } from '../../src/archive/ports-journal';
import { COSTS } from './slow-network';
import type { VirtualTime } from './virtual-time';

const WRITES = new Set(['create', 'advance', 'note', 'claim', 'release', 'deny']);

/** The real journal, whose writes take virtual time, one after the other. */
export function slowJournal(journal: Journal, time: VirtualTime): Journal {
  let free = 0;
  const write = async () => {
    free = Math.max(free, time.now()) + COSTS.journalWrite;
    await time.sleep(free - time.now());
  };
  const slowed = Object.entries(journal).map(([name, method]) => {
    const slow = async (...given: unknown[]) => {
      const answer = await time.real(() => (method as (...given: unknown[]) => Promise<unknown>)(...given));
      // A claim that found nothing has written nothing.
      const idle = name === 'claim' && Array.isArray(answer) && answer.length === 0;
      if (WRITES.has(name) && !idle) await write();
      return answer;
    };
    return [name, slow] as const;
  });
  return Object.fromEntries(slowed) as unknown as Journal;
}

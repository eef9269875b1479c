import { createInterface } from 'node:readline';
import type { Journal } from '../src/archive/journal-port';
import type { JournalPlace } from '../src/journal/connect';
import { openJournal } from '../src/journal/open-journal';
import { openRaw, type RawJournal } from './raw-journal';

export type Who = 'ours' | 'theirs';

/** What one process is told in a line: so many confirmed requests, so many under way at a time. */
export interface Order {
  count: number;
  atOnce: number;
}

/** As the archive service does it: recorded as planned when it is shown, as confirmed when somebody says yes. */
async function confirmed(journal: Journal, id: string): Promise<void> {
  const at = Date.now();
  const plan = {
    ...{ environment: 'production', trainingId: id, training: null, projectName: null, pools: [] },
    ...{ projectLinksTraining: false, blockers: [], unavailable: null, fingerprint: '0123456789abcdef' },
    readAt: at,
  };
  const created = { id, environment: 'production', trainingId: id, plan, retryOf: null, createdAt: at };
  await journal.create({ ...created, requester: 'U1', channel: 'C1' }, { kind: 'asked', at, actor: 'U1' });
  await journal.advance({
    ...{ id, version: 1, to: 'confirmed', event: { kind: 'confirmed', at, actor: 'U1' } },
    patch: { reason: 'no longer used', confirmedAt: at, stepAt: at },
    take: { token: id, until: at + 60_000 },
  });
}

async function opened(who: Who, place: JournalPlace): Promise<(id: string) => Promise<void>> {
  if (who === 'ours') {
    const journal = await openJournal(place);
    return (id) => confirmed(journal, id);
  }
  const raw: RawJournal = await openRaw(place);
  return (id) => raw.confirm(id);
}

async function work(who: Who, place: JournalPlace): Promise<void> {
  const confirm = await opened(who, place);
  let ids = 0;
  process.stdout.write('child ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const { count, atOnce } = JSON.parse(line) as Order;
    let left = count;
    const loop = async () => {
      while (left > 0) {
        left -= 1;
        ids += 1;
        await confirm(`${who}-${process.pid}-${ids}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, loop));
    process.stdout.write('child done\n');
  }
}

if (require.main === module) void work(process.argv[2] as Who, JSON.parse(process.argv[3] ?? '{}'));

import { createInterface } from 'node:readline';
import type { Journal } from '../src/archive/ports-journal';
import type { ConnectOptions } from '../src/journal/connect';
import { openJournal } from '../src/journal/store';
import { openRaw } from './raw-journal';
import { readyPlan } from './running-requests';

export type Side = 'ours' | 'theirs';

/** One line of input: how many requests to confirm, and how many at the same time. */
export interface Order {
  count: number;
  atOnce: number;
}

/** Writes what the archive service writes: `planned` when the plan is shown, `confirmed` when somebody confirms. */
async function confirm(journal: Journal, id: string): Promise<void> {
  const at = Date.now();
  const plan = readyPlan(id, at);
  const identity = {
    id,
    team: 'T1',
    environment: 'production',
    trainingId: id,
    requester: 'U1',
    channel: 'C1',
  };
  await journal.create({ ...identity, createdAt: at, plan, retryOf: null });
  const fence = { id, version: 1, at, actor: 'U1', take: { token: id, until: at + 60_000 } };
  await journal.advance(fence, { kind: 'confirmed', reason: 'no longer used' });
}

async function open(side: Side, where: ConnectOptions): Promise<(id: string) => Promise<void>> {
  if (side === 'theirs') return (await openRaw(where)).confirm;
  const journal = await openJournal(where);
  return (id) => confirm(journal, id);
}

async function run(side: Side, where: ConnectOptions): Promise<void> {
  const confirmOne = await open(side, where);
  let ids = 0;
  process.stdout.write('child ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const { count, atOnce } = JSON.parse(line) as Order;
    let left = count;
    const loop = async () => {
      while (left > 0) {
        left -= 1;
        ids += 1;
        await confirmOne(`${side}-${process.pid}-${ids}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, loop));
    process.stdout.write('child done\n');
  }
}

if (require.main === module) void run(process.argv[2] as Side, JSON.parse(process.argv[3] ?? '{}'));

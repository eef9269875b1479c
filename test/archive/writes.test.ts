import { DEMO_TRAININGS } from '../../fakes/toloka';
import type { Deps } from '../../src/archive/ports';
import type { Journal } from '../../src/archive/ports-journal';
import { createHarness, type Harness } from '../support/harness';

const WRITES = ['create', 'advance', 'note', 'deny'] as const;

/** Counts the transactions that write. Each method of the journal is one. */
function counting(deps: Deps, writes: string[]): Deps {
  const journal: Journal = { ...deps.journal };
  for (const name of WRITES) {
    const method = deps.journal[name] as (...given: never[]) => Promise<unknown>;
    journal[name] = ((...given: never[]) => {
      writes.push(name);
      return method(...given);
    }) as never;
  }
  journal.claim = async (options) => {
    const claimed = await deps.journal.claim(options);
    if (claimed.length > 0) writes.push('claim');
    return claimed;
  };
  return { ...deps, journal };
}

/** What an archive wrote, from its plan to the outcome on the card. */
async function writesOf(arrange: (harness: Harness) => void): Promise<string[]> {
  const writes: string[] = [];
  const harness = await createHarness({
    account: { operationMs: 1_000 },
    deps: (deps) => counting(deps, writes),
  });
  try {
    arrange(harness);
    const { id } = await harness.archive(DEMO_TRAININGS.ready.id);
    expect(await harness.settle(id)).toMatchObject({ state: 'succeeded' });
    return writes;
  } finally {
    await harness.close();
  }
}

const PLAN = ['create'];
/** The confirmation, the intent to send the POST. */
const CONFIRMED = ['advance', 'advance'];
/** The outcome with the lease, then that the card shows it. */
const END = ['advance', 'note'];

// Each is a write to the disk that SQLite does on the main thread.
it('an archive that Toloka answers at once takes five writes with that of its plan', async () => {
  const writes = await writesOf(({ account }) =>
    account.faults.add({ method: 'POST', fault: { kind: 'empty', status: 204 } }),
  );
  expect(writes).toEqual([...PLAN, ...CONFIRMED, ...END]);
});

it('one that Toloka begins takes one more: the ID of the operation', async () => {
  expect(await writesOf(() => {})).toEqual([...PLAN, ...CONFIRMED, 'advance', ...END]);
});

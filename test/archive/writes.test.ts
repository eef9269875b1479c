import { DEMO_TRAININGS } from '../../fakes/toloka';
import type { Deps } from '../../src/archive/ports';
import type { Journal } from '../../src/archive/ports-journal';
import { createHarness } from '../support/harness';

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

it('an archive that goes well takes five writes to the disk, after the one for its plan', async () => {
  const writes: string[] = [];
  const harness = await createHarness({
    account: { operationMs: 1_000 },
    deps: (deps) => counting(deps, writes),
  });
  try {
    const { id } = await harness.archive(DEMO_TRAININGS.ready.id);
    expect(await harness.settle(id)).toMatchObject({ state: 'succeeded' });
    expect(writes).toEqual([
      'create',
      ...['advance', 'advance', 'advance'],
      // The end: the outcome with the lease, then that the card shows it.
      ...['advance', 'note'],
    ]);
  } finally {
    await harness.close();
  }
});

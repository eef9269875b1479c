import { DEMO_TRAININGS } from '../../demo/toloka';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { cardsIn, textOf } from '../support/house';
import { ALICE, createStage, GENERAL, type Stage } from '../support/stage';

const { id } = DEMO_TRAININGS.ready;
const ENV = { LEASE_SECONDS: '2', UNKNOWN_GRACE_SECONDS: '1' };

/** Everything that leaves the process once the modal was submitted: the places at which it can be killed from outside. */
function onEachCall(stage: Stage, listener: () => void): () => void {
  const offs = [stage.workspace.on('call', listener), stage.account.on('exchange', listener)];
  return () => {
    for (const off of offs) off();
  };
}

async function plan(stage: Stage): Promise<() => Promise<unknown>> {
  const alice = stage.workspace.person(ALICE);
  await alice.command(id, { channel: GENERAL });
  await stage.workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  await alice.fill('Reason', 'no longer used');
  await alice.fill('Type the training ID to confirm', id);
  return () => alice.submit();
}

const ended = (stage: Stage) => /\*Archived\*|Not started/.test(textOf(cardsIn(stage)[0]));

/** One life: killed at the nth call, started again, followed to its end. Returns how many calls there were. */
async function live(n: number): Promise<{ at: number; killed: boolean; calls: number }> {
  const stage = await createStage();
  let app: AppProcess = await startReadyApp(stage.env(ENV));
  try {
    let calls = 0;
    let killed = false;
    const submit = await plan(stage);
    const off = onEachCall(stage, () => {
      calls += 1;
      if (calls !== n) return;
      killed = true;
      app.child.kill('SIGKILL');
    });
    const submitting = submit();
    await Promise.race([app.exited, stage.workspace.waitFor(() => ended(stage), { timeoutMs: 20_000 })]);
    off();
    if (killed) app = await startReadyApp(stage.env(ENV));
    await submitting;
    // Killed before the confirmation was recorded, there is nothing to go on with, and nothing may happen: that takes
    // a lease's time to see.
    const timeoutMs = cardsIn(stage).length > 0 ? 20_000 : 3_500;
    await stage.workspace
      .waitFor(() => ended(stage), { timeoutMs })
      .catch((error: unknown) => {
        if (cardsIn(stage).length > 0) throw error;
      });
    const { arrived, effective } = stage.account.posts(id);
    const archived = effective > 0;
    const cards = cardsIn(stage);
    expect([n, arrived <= 1]).toEqual([n, true]);
    expect([n, cards.length <= 1]).toEqual([n, true]);
    if (arrived === 1) expect([n, cards.length]).toEqual([n, 1]);
    if (cards.length === 1)
      expect([n, textOf(cards[0]?.blocks)]).toEqual([
        n,
        expect.stringContaining(archived ? '*Archived*' : 'Not started'),
      ]);
    return { at: n, killed, calls };
  } finally {
    await app.kill();
    await stage.close();
  }
}

it('killed with -9 at any call to Slack or Toloka and started again: one POST at most, one card, and it tells the truth', async () => {
  const undisturbed = await live(0);
  expect(undisturbed.calls).toBeGreaterThan(10);
  for (let n = 1; n <= undisturbed.calls; n += 4) await Promise.all([n, n + 1, n + 2, n + 3].map(live));
}, 240_000);

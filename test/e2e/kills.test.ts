import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { ALICE, cardsIn, createFakes, type Fakes, GENERAL, textOf } from '../support/harness';

const { id } = DEMO_TRAININGS.ready;
const ENV = { LEASE_SECONDS: '6', UNKNOWN_GRACE_SECONDS: '1' };

/** Calls back for each call to Slack or Toloka. */
function onEachCall(fakes: Fakes, listener: () => void): () => void {
  const offs = [fakes.workspace.on('call', listener), fakes.account.on('exchange', listener)];
  return () => {
    for (const off of offs) off();
  };
}

async function plan(fakes: Fakes): Promise<() => Promise<unknown>> {
  const alice = fakes.workspace.person(ALICE);
  await alice.command(id, { channel: GENERAL });
  await fakes.workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
  await alice.fill('Reason', 'no longer used');
  await alice.fill('Type the training ID to confirm', id);
  return () => alice.submit();
}

const ended = (fakes: Fakes) => /\*Archived\*|Not started/.test(textOf(cardsIn(fakes)[0]));

/** Archives once: the app is killed at the nth call after the submission and started again. Returns the number of calls. */
async function archiveAndKill(n: number): Promise<number> {
  const fakes = await createFakes();
  let app: AppProcess = await startReadyApp(fakes.env(ENV));
  try {
    let calls = 0;
    let killed = false;
    const submit = await plan(fakes);
    const off = onEachCall(fakes, () => {
      calls += 1;
      if (calls !== n) return;
      killed = true;
      app.child.kill('SIGKILL');
    });
    const submitting = submit();
    await Promise.race([app.exited, fakes.workspace.waitFor(() => ended(fakes), { timeoutMs: 20_000 })]);
    off();
    if (killed) app = await startReadyApp(fakes.env(ENV));
    await submitting;
    // Without a card nothing may happen any more. Whether that is so shows only after a lease.
    const timeoutMs = cardsIn(fakes).length > 0 ? 20_000 : 5_500;
    await fakes.workspace
      .waitFor(() => ended(fakes), { timeoutMs })
      .catch((error: unknown) => {
        if (cardsIn(fakes).length > 0) throw error;
      });
    const { arrived, effective } = fakes.account.posts(id);
    const archived = effective > 0;
    const cards = cardsIn(fakes);
    expect([n, arrived <= 1]).toEqual([n, true]);
    expect([n, cards.length <= 1]).toEqual([n, true]);
    if (arrived === 1) expect([n, cards.length]).toEqual([n, 1]);
    if (cards.length === 1)
      expect([n, textOf(cards[0]?.blocks)]).toEqual([
        n,
        expect.stringContaining(archived ? '*Archived*' : 'Not started'),
      ]);
    return calls;
  } finally {
    await app.kill();
    await fakes.close();
  }
}

it('sends one POST at most and keeps one true card when it is killed with -9 at any call and started again', async () => {
  const calls = await archiveAndKill(0);
  expect(calls).toBeGreaterThan(10);
  for (let n = 1; n <= calls; n += 4) await Promise.all([n, n + 1, n + 2, n + 3].map(archiveAndKill));
}, 240_000);

it('has the card corrected within seconds after a restart, whatever is left of the lease', async () => {
  const fakes = await createFakes();
  const env = fakes.env({ LEASE_SECONDS: '3600', UNKNOWN_GRACE_SECONDS: '1' });
  fakes.account.faults.add({ method: 'POST', fault: { kind: 'silent', effect: true } });
  let app = await startReadyApp(env);
  try {
    const submit = await plan(fakes);
    const sent = new Promise<void>((resolve) => {
      fakes.account.on('arrival', ({ method }) => method === 'POST' && resolve());
    });
    const submitting = submit();
    await sent;
    expect(textOf(cardsIn(fakes)[0])).toContain('being sent to Toloka');
    await app.kill();
    await submitting;
    app = await startReadyApp(env);
    await fakes.workspace.waitFor(() => textOf(cardsIn(fakes)[0]).includes('*Archived*'), {
      timeoutMs: 15_000,
    });
    expect(fakes.account.posts(id).arrived).toBe(1);
  } finally {
    await app.kill();
    await fakes.close();
  }
}, 60_000);

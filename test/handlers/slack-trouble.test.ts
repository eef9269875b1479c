import type { FaultKind } from '../../fakes/slack';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { readModalState } from '../../src/messages/modal-state';
import { cardsIn, GENERAL, GROUP, textOf } from '../support/harness';
import { codesOf, connectWire, type Wire } from './support';

const { id } = DEMO_TRAININGS.ready;

let harness: Wire;
beforeEach(async () => {
  harness = await connectWire({ ARCHIVE_ALLOW: GROUP });
});
afterEach(() => harness.close());

const arrived = () => harness.account.posts(id).arrived;

const METHODS = [
  'views.update',
  'chat.postMessage',
  'chat.update',
  'chat.getPermalink',
  'usergroups.users.list',
];
const KINDS: FaultKind[] = ['ratelimited', 'status', 'lost', 'reset', 'html', 'error'];

/** Each call of each method meets the fault once: the first, the second, and so on. */
describe.each(METHODS)('trouble with %s', (method) => {
  it.each(KINDS)('%s: the truth in the end, at most one POST, at most one card', async (kind) => {
    for (let skip = 0; skip < 3; skip++) {
      const { account, workspace, alice } = harness;
      account.reset();
      workspace.faults.clear();
      const known = harness.requests.at(-1);
      const cardsBefore = cardsIn(harness).length;
      const fault = workspace.faults.add({ kind, method, skip });
      await harness.ask(id);
      if (alice.modal()?.submit) await harness.confirm();
      if (alice.modal()) await alice.close();
      await harness.settled();
      const newest = harness.requests.at(-1);
      const confirmed = !['planned', 'cancelled'].includes((await harness.state()) ?? '');
      if (newest === undefined || newest === known || !confirmed) {
        // It was never confirmed.
        expect([skip, arrived()]).toEqual([skip, 0]);
        continue;
      }
      const request = await harness.settle(newest);
      const cards = cardsIn(harness).length - cardsBefore;
      const archived = account.getTraining(id)?.status === 'ARCHIVED';
      expect([skip, request.state]).toEqual([skip, archived ? 'succeeded' : 'not_started']);
      expect([skip, arrived()]).toEqual([skip, archived ? 1 : 0]);
      expect([skip, cards <= 1 && (!archived || cards === 1)]).toEqual([skip, true]);
      if (cards === 1)
        expect([skip, textOf(cardsIn(harness).at(-1)?.blocks)]).toEqual([
          skip,
          expect.stringContaining(archived ? 'Archived' : 'Not started'),
        ]);
      workspace.faults.remove(fault);
      // What Slack asked to wait for has passed before the next round.
      harness.clock.advance(60_000);
    }
  });
});

describe('trouble with the modal of a command', () => {
  it.each(['token_revoked', 'token_expired', 'invalid_auth', 'account_inactive'])(
    'the app’s token is not valid any more, and the person learns whom to ask: %s',
    async (error) => {
      const times = Number.POSITIVE_INFINITY;
      const methods = ['views.open', 'chat.postEphemeral', 'chat.postMessage'];
      for (const method of methods) harness.workspace.faults.add({ kind: 'error', error, method, times });
      const screen = await harness.ask(id);
      expect(screen).toMatch(/token any more[\s\S]*nothing was archived[\s\S]*the person who runs this app/);
      // Without a token the app cannot look up user groups either.
      const codes = codesOf(await harness.denials()).filter((code) => code !== 'access_unknown');
      expect(codes).toEqual(['modal_not_opened']);
    },
  );

  it.each([{ kind: 'ratelimited' }, { kind: 'error', error: 'invalid_arguments' }] as const)(
    'views.open: $kind is answered in private and recorded',
    async (fault) => {
      harness.workspace.faults.add({ ...fault, method: 'views.open', times: 2 });
      expect(await harness.ask(id)).toMatch(/did not open the window[\s\S]*nothing was archived/);
      expect(codesOf(await harness.denials())).toEqual(['modal_not_opened']);
    },
  );

  it.each([
    { kind: 'lost' },
    { kind: 'html', effect: true },
    { kind: 'status', effect: true },
    { kind: 'error', effect: true, error: 'internal_error' },
    { kind: 'status' },
    { kind: 'reset' },
  ] as const)('views.open: %j leaves open whether there is a modal, and the reply says so', async (fault) => {
    const { workspace, alice } = harness;
    workspace.faults.add({ ...fault, method: 'views.open' });
    await harness.ask(id);
    expect(alice.modal() !== undefined).toBe('effect' in fault || fault.kind === 'lost');
    expect(harness.privately()).toEqual([
      expect.stringMatching(/did not confirm[\s\S]*Nothing was archived/),
    ]);
    expect(harness.privately().at(-1)).not.toContain('did not open');
    expect(await harness.denials()).toMatchObject([{ code: 'modal_unconfirmed', trainingId: id }]);
    // The plan was read meanwhile. Nobody has seen it.
    expect([harness.requests.length, await harness.state()]).toEqual([1, 'cancelled']);
  });

  it('views.open: the person does not wait for the plan to learn that there is no modal', async () => {
    harness.workspace.faults.add({ kind: 'error', method: 'views.open', error: 'expired_trigger_id' });
    harness.account.faults.add({ path: '/trainings/', fault: { kind: 'slow', ms: 1_500 } });
    await harness.alice.command(id, { channel: GENERAL });
    await harness.workspace.waitFor(() => harness.privately().length > 0);
    expect(harness.requests).toEqual([]);
    await harness.settled();
    expect([harness.requests.length, await harness.state()]).toEqual([1, 'cancelled']);
  });

  it('views.open, and the reply is not taken in time: it is sent in another way', async () => {
    const { faults } = harness.workspace;
    faults.add({ kind: 'error', method: 'views.open', error: 'expired_trigger_id' });
    faults.add({ kind: 'silent', method: 'response_url' });
    await harness.ask(id);
    expect(harness.privately().at(-1)).toContain('did not open the window');
  });

  it('views.update: a lost answer does no harm, the plan is there', async () => {
    harness.workspace.faults.add({ kind: 'lost', method: 'views.update' });
    await harness.ask(id);
    expect(harness.alice.modal()?.submit).toBeTruthy();
    await harness.confirm();
    expect(harness.card()).toContain('being sent to Toloka');
  });

  it.each(['status', 'ratelimited', 'reset', 'lost', 'html', 'error'] as const)(
    'views.update: %s every time, and a private message says what to do',
    async (kind) => {
      harness.workspace.faults.add({ kind, method: 'views.update', times: Number.POSITIVE_INFINITY });
      await harness.ask(id);
      expect(harness.privately()).toEqual([
        expect.stringMatching(/training \d+[\s\S]*did not confirm[\s\S]*Nothing was/i),
      ]);
      expect(await harness.state()).toBe('planned');
    },
  );

  it('views.update: fails twice and works at the third try, so nobody is told', async () => {
    harness.workspace.faults.add({ kind: 'status', method: 'views.update', times: 2 });
    await harness.ask(id);
    expect(harness.alice.modal()?.submit).toBeTruthy();
    expect(harness.privately()).toEqual([]);
  });

  it('the modal was closed before the plan came: the request is cancelled', async () => {
    harness.account.faults.add({ path: '/trainings/', fault: { kind: 'slow', ms: 300 } });
    await harness.alice.command(id, { channel: GENERAL });
    await harness.workspace.waitFor(() => harness.alice.modal());
    await harness.alice.close();
    await harness.settled();
    expect(await harness.state()).toBe('cancelled');
  });

  it('a command delivered twice opens one modal, and only its plan can be confirmed', async () => {
    await harness.alice.command(id, { channel: GENERAL, copies: 2 });
    await harness.settled();
    expect([harness.requests.length, harness.privately()]).toEqual([2, []]);
    const [shown] = readModalState(harness.alice.modal()?.private_metadata ?? '')?.items ?? [];
    for (const request of harness.requests)
      expect((await harness.service.requestOf(request))?.state).toBe(
        request === shown?.requestId ? 'planned' : 'cancelled',
      );
    expect(harness.alice.modal()?.submit).toBeTruthy();
  });
});

describe('trouble at the confirmation', () => {
  it('the plan was answered late, and the person has clicked by then: the click counts', async () => {
    harness.workspace.faults.add({ kind: 'slow', method: 'views.update', ms: 1_500 });
    await harness.alice.command(id, { channel: GENERAL });
    await harness.workspace.waitFor(() => harness.alice.modal()?.submit);
    harness.holdUp();
    await harness.fillAndSubmit(id);
    await harness.settled();
    expect([await harness.state(), arrived(), harness.privately()]).toEqual(['running', 1, []]);
  });

  it('a newer plan comes with the acknowledgement, and nothing is put over it later', async () => {
    await harness.ask(id);
    harness.account.updateTraining(id, { private_name: 'Renamed' });
    const before = harness.workspace.calls.length;
    expect(await harness.fillAndSubmit(id)).toBe('update');
    expect(harness.screen()).toContain('Renamed');
    await harness.settled();
    expect(await harness.fillAndSubmit(id)).toBe('clear');
    await harness.settled();
    const called = harness.workspace.calls.slice(before).map(({ method }) => method);
    expect(called.filter((method) => method.startsWith('views.'))).toEqual([]);
    expect([harness.privately(), arrived()]).toEqual([[], 1]);
  });

  it('delivered twice, and one delivery takes long: the newer plan that the other one shows can be confirmed', async () => {
    await harness.ask(id);
    harness.account.updateTraining(id, { private_name: 'Renamed' });
    harness.holdUp();
    await harness.fillAndSubmit(id, { copies: 2 });
    await harness.settled();
    expect(JSON.stringify(harness.alice.modal()?.blocks)).toContain('Renamed');
    expect(await harness.fillAndSubmit(id)).toBe('clear');
    await harness.settled();
    expect([await harness.state(), arrived()]).toEqual(['running', 1]);
  });

  it('takes long, and there is a newer plan by then: sent in private', async () => {
    await harness.ask(id);
    harness.account.updateTraining(id, { private_name: 'Renamed' });
    harness.holdUp();
    await harness.fillAndSubmit(id);
    await harness.settled();
    expect(harness.privately()).toEqual([expect.stringMatching(/not the one that you looked at.*Renamed/)]);
    expect([await harness.state(), arrived()]).toEqual(['planned', 0]);
  });

  describe('Slack did not hear the acknowledgement in time', () => {
    beforeEach(async () => {
      await harness.close();
      harness = await connectWire({ ARCHIVE_ALLOW: GROUP }, { ackTimeoutMs: 200 });
      await harness.ask(id);
      harness.account.faults.add({ path: '/trainings/', fault: { kind: 'slow', ms: 500 } });
    });

    it('and offers to cancel: the person learns that it was too late', async () => {
      expect(await harness.fillAndSubmit(id)).toBeUndefined();
      await harness.settled();
      expect(harness.alice.modal()?.submit).toBeTruthy();
      await harness.alice.close();
      await harness.settled();
      expect(harness.privately()).toEqual([
        expect.stringMatching(/confirmed before you closed the window.*Toloka is archiving/),
      ]);
      expect(await harness.denials()).toMatchObject([{ code: 'already_decided', trainingId: id }]);
    });

    it('and offers to archive: the second click shows how far it is', async () => {
      await harness.fillAndSubmit(id);
      await harness.settled();
      expect(await harness.fillAndSubmit(id)).toBe('update');
      expect(harness.screen()).toMatch(/already confirmed[\s\S]*Toloka is archiving[\s\S]*Open the card/);
      expect([arrived(), cardsIn(harness).length]).toEqual([1, 1]);
    });

    it('of a newer plan: the second click shows that plan, the third archives', async () => {
      harness.account.updateTraining(id, { private_name: 'Renamed' });
      await harness.fillAndSubmit(id);
      await harness.settled();
      expect(harness.screen()).not.toContain('Renamed');
      expect(await harness.fillAndSubmit(id)).toBe('update');
      expect([harness.screen(), arrived()]).toEqual([expect.stringContaining('Renamed'), 0]);
      expect(await harness.fillAndSubmit(id)).toBe('clear');
      await harness.settled();
      expect([arrived(), harness.privately()]).toEqual([1, []]);
    });
  });
});

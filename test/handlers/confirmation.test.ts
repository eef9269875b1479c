import { DEMO_TRAININGS } from '../../fakes/toloka';
import { cardsIn, GENERAL, textOf } from '../support/harness';
import { codesOf, connectWire, type Wire } from './support';

let harness: Wire;
beforeEach(async () => {
  harness = await connectWire();
});
afterEach(() => harness.close());

const { ready, oddName } = DEMO_TRAININGS;
const posts = () => harness.account.exchanges.filter(({ method }) => method === 'POST');
const blocks = () => textOf(harness.alice.modal()?.blocks);

describe('the confirmation', () => {
  it('closes the modal once the card is in the channel', async () => {
    await harness.ask(ready.id);
    expect(await harness.fillAndSubmit(ready.id)).toBe('clear');
    expect([harness.alice.modal(), cardsIn(harness).length]).toEqual([undefined, 1]);
    await harness.settled();
    expect([harness.card(), harness.privately()]).toEqual([
      expect.stringContaining('being sent to Toloka'),
      [],
    ]);
    expect([await harness.denials(), posts().length]).toEqual([[], 1]);
  });

  it('a wrong ID is pointed at in the modal; nothing is archived', async () => {
    await harness.ask(ready.id);
    await harness.confirm({ typedId: '123457' });
    expect(Object.keys(harness.alice.modal()?.errors ?? {})).toEqual(['typed']);
    expect([posts(), cardsIn(harness)]).toEqual([[], []]);
  });

  it('Cancel is answered and recorded', async () => {
    await harness.ask(ready.id);
    await harness.alice.close();
    expect(await harness.settled()).toContain('Cancelled.');
    expect(await harness.state()).toBe('cancelled');
  });

  it('a name full of markup pings nobody, in the modal and on the card', async () => {
    await harness.ask(oddName.id);
    const asked = blocks();
    await harness.confirm({ reason: '<!here> & *why*' });
    const shown = [asked, textOf(cardsIn(harness)[0])].join();
    const mrkdwn = [...shown.matchAll(/"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text);
    expect(mrkdwn.length).toBeGreaterThan(5);
    expect(mrkdwn.join()).not.toMatch(/<!(channel|here)>/);
    expect(cardsIn(harness)).toHaveLength(1);
  });

  it('the bot left the channel in between: shown in the modal, nothing sent', async () => {
    await harness.ask(ready.id);
    harness.workspace.setMember(GENERAL, 'bot', false);
    expect(await harness.confirm()).toMatch(/\/invite @Toloka Archive/);
    expect(posts()).toEqual([]);
  });

  it('the bot left the channel, and Slack shows the answer to another delivery: said in private', async () => {
    await harness.ask(ready.id);
    harness.workspace.setMember(GENERAL, 'bot', false);
    await harness.fillAndSubmit(ready.id, { copies: 2 });
    await harness.settle(harness.requests.at(-1) ?? '');
    const direct = harness.workspace.calls.filter(({ args }) => args['channel'] === harness.alice.id);
    expect(direct.map(({ args }) => args['text'])).toEqual([
      expect.stringContaining('Not started; nothing was archived'),
    ]);
    expect(posts()).toEqual([]);
  });

  it('Toloka changed in between: shows how, keeps what was typed, and asks again', async () => {
    await harness.ask(ready.id);
    harness.account.updateTraining(ready.id, { private_name: 'Renamed' });
    expect(await harness.confirm({ reason: 'no longer used' })).toMatch(/Renamed/);
    expect(blocks()).toContain('"initial_value":"no longer used"');
    expect([posts(), codesOf(await harness.denials())]).toEqual([[], ['plan_drifted']]);
    await harness.confirm();
    expect(harness.alice.modal()).toBeUndefined();
    expect([harness.card(), posts().length]).toEqual([expect.stringContaining('being sent to Toloka'), 1]);
  });

  it('what was typed is still there when the modal asks again', async () => {
    const { account, alice } = harness;
    const reason = () => blocks().match(/"initial_value":"([^"]*)"/)?.[1];
    await harness.ask(ready.id);
    account.updateTraining(ready.id, { status: 'OPEN' });
    expect(await harness.confirm({ reason: 'winter is over' })).toMatch(/is open/i);
    account.updateTraining(ready.id, { status: 'CLOSED' });
    await alice.click('Check again');
    await harness.settled();
    expect(reason()).toBe('winter is over');
    await alice.fill('Reason', 'spring has come');
    await alice.click('Check again');
    await harness.settled();
    expect(reason()).toBe('spring has come');
  });

  it.each(['CLOSED', 'OPEN'] as const)(
    'the modal of a training that is %s was closed while it was checked: cancelled, and notified',
    async (status) => {
      await harness.ask(ready.id);
      harness.account.updateTraining(ready.id, { status });
      harness.account.faults.add({ path: '/trainings/', fault: { kind: 'slow', ms: 300 } });
      const read = new Promise((resolve) => harness.account.on('arrival', resolve));
      const submitting = harness.fillAndSubmit(ready.id);
      await read;
      await harness.alice.close();
      await submitting;
      expect(await harness.settled()).toContain('Cancelled.');
      expect([await harness.state(), posts(), cardsIn(harness)]).toEqual(['cancelled', [], []]);
    },
  );

  it('takes long: the modal promises a card or a message, and closing it changes nothing', async () => {
    await harness.ask(ready.id);
    harness.holdUp();
    expect(await harness.fillAndSubmit(ready.id)).toBe('update');
    expect(harness.screen()).toMatch(/You can close this window[\s\S]*A card appears[\s\S]*private message/);
    await harness.alice.close();
    await harness.settled();
    expect([await harness.state(), posts().length]).toEqual(['running', 1]);
    expect([harness.card(), harness.privately()]).toEqual([
      expect.stringContaining('being sent to Toloka'),
      [],
    ]);
  });

  it('takes long, and something blocks archiving by then: said in private', async () => {
    await harness.ask(ready.id);
    harness.account.updateTraining(ready.id, { status: 'OPEN' });
    harness.holdUp();
    await harness.fillAndSubmit(ready.id);
    await harness.settled();
    expect(harness.privately()).toEqual([expect.stringMatching(/something blocks archiving now/i)]);
    expect([posts(), codesOf(await harness.denials())]).toEqual([[], ['not_closed']]);
  });

  it('a double click and a redelivery make one POST; the others are recorded', async () => {
    await harness.ask(ready.id);
    await harness.fillAndSubmit(ready.id, { copies: 3 });
    await harness.settled();
    expect([posts().length, cardsIn(harness).length]).toEqual([1, 1]);
    expect(codesOf(await harness.denials())).toEqual(['already_decided', 'already_decided']);
  });
});

describe('the confirmation of several, of which one is ready', () => {
  const { open, fails } = DEMO_TRAININGS;

  it('asks for the number, archives that one, and leaves the others alone', async () => {
    expect(await harness.ask(`${open.id} ${ready.id}`)).toMatch(/1 of 2 trainings[\s\S]*\[Archive 1\]/);
    await harness.alice.fill('Reason', 'not used any more');
    await harness.alice.fill('Type the number of trainings to confirm', ready.id);
    await harness.alice.submit();
    expect(harness.alice.modal()?.errors).toEqual({ typed: expect.stringContaining('Type 1 ') });
    await harness.confirm();
    expect([harness.alice.modal(), posts().length]).toEqual([undefined, 1]);
    expect(harness.account.posts(ready.id).arrived).toBe(1);
  });

  it('checks all of them again', async () => {
    await harness.ask(`${open.id} ${ready.id} ${fails.id}`);
    harness.account.updateTraining(open.id, { status: 'CLOSED' });
    await harness.alice.click('Check again');
    expect(await harness.settled()).toMatch(/3 of 3 trainings[\s\S]*\[Archive 3\]/);
    await harness.confirm();
    expect(posts()).toHaveLength(3);
    expect(cardsIn(harness)).toHaveLength(1);
    expect(harness.card()).toMatch(/3 trainings/);
  });
});

describe('when Toloka cannot be asked', () => {
  it.each([401, 403, 404, 429, 500, 503])('HTTP %d for the plan has a clear answer', async (status) => {
    harness.account.faults.add({ method: 'GET', times: 99, fault: { kind: 'status', status } });
    const screen = await harness.ask(ready.id);
    if (status === 404) expect(screen).toContain('no training');
    else if (status < 429) expect(screen).toContain('access');
    else expect(screen).toContain('can’t be checked right now');
    expect(screen).not.toContain('[Archive]');
  });

  const BROKEN = (['html', 'empty', 'truncated', 'silent'] as const).map((kind) =>
    kind === 'html' || kind === 'empty' ? { kind, status: 200 } : { kind },
  );

  it.each(BROKEN)('$kind for the training is shown, and nobody may go on', async (fault) => {
    harness.account.faults.add({ path: '/trainings/', times: 999, fault });
    const screen = await harness.ask(ready.id);
    expect(screen).toContain('can’t be checked right now');
    expect(screen).not.toContain('[Archive]');
  });

  it.each(BROKEN)('$kind for the pools is shown, and one may go on', async (fault) => {
    const id = harness.account.faults.add({ path: '/pools', times: 999, fault });
    expect(await harness.ask(ready.id)).toMatch(/Not everything could be checked[\s\S]*\[Archive\]/);
    await harness.confirm();
    expect(harness.card()).toMatch(/being sent to Toloka|Toloka is archiving|Archived/);
    harness.account.faults.remove(id);
    expect(posts()).toHaveLength(1);
  });

  it('at the confirmation: it is not called a change, the reason is kept, and the person may go on', async () => {
    await harness.ask(ready.id);
    harness.account.faults.add({
      ...{ path: '/pools', times: Number.POSITIVE_INFINITY, fault: { kind: 'status', status: 500 } },
    });
    const shown = await harness.confirm({ reason: 'nobody uses it' });
    expect(shown).toMatch(/Nothing was archived/);
    expect(shown).not.toMatch(/has changed|was CLOSED|given up/);
    expect(blocks()).toContain('"initial_value":"nobody uses it"');
    expect(posts()).toEqual([]);
    await harness.confirm();
    expect(posts()).toHaveLength(1);
  });
});

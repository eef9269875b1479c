import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createWorker } from '../../src/archive/worker';
import { ALICE, BOB, GENERAL, textOf } from '../support/harness';
import { codesOf, connectWire, type Wire } from './support';

const { ready, open, archived, foreign, locked, poolOpen } = DEMO_TRAININGS;
const NOTIFY = 'Notify me when it can be archived';
/** Of the app with Alice. */
const DIRECT = `D${ALICE.slice(1)}`;

let wire: Wire;
beforeEach(async () => {
  wire = await connectWire();
});
afterEach(() => wire.close());

const messages = () => wire.workspace.messages(DIRECT);
async function click(text: string): Promise<string> {
  await wire.alice.click(text);
  return wire.settled();
}
async function wait(minutes: number): Promise<void> {
  const worker = createWorker(wire.deps);
  for (let minute = 0; minute < minutes; minute++) {
    wire.clock.advance(60_000);
    await worker.tick();
  }
}

it.each([
  [open.id, true],
  [locked.id, true],
  [poolOpen.id, true],
  [ready.id, false],
  [archived.id, false],
  [foreign.id, false],
  ['999999', false],
])('the plan of %s offers to notify: %s', async (id, offers) => {
  const screen = await wire.ask(id);
  expect(screen.includes(NOTIFY)).toBe(offers);
});

it('from the blocked plan to the message, and from there to the plan that can be confirmed', async () => {
  await wire.ask(open.id);
  expect(await click(NOTIFY)).toMatch(
    /You’ll get a private message when training Street signs, newcomers \(123458 in production\) can be archived/,
  );
  expect(wire.screen()).toContain('/toloka-archive list');
  expect(wire.account.exchanges.filter(({ method }) => method === 'POST')).toEqual([]);
  await wire.alice.close();
  await wait(10);
  expect(messages()).toEqual([]);

  wire.account.updateTraining(open.id, { status: 'CLOSED' });
  await wait(60);
  expect(messages()).toHaveLength(1);
  const [message] = messages();
  expect(message?.text).toBe(
    'You can archive it now. Training Street signs, newcomers (123458 in production).',
  );
  expect(textOf(message?.blocks)).toContain(`You asked for this message in <#${GENERAL}>`);

  await wire.alice.click('See the plan', { channel: DIRECT });
  await wire.settled();
  expect(wire.alice.modal()?.submit).toBeTruthy();
  await wire.fillAndSubmit(open.id);
  await wire.settled();
  // The card is in the channel where the plan was looked at first.
  expect(wire.workspace.messages(GENERAL)).toHaveLength(1);
  expect(await wire.state()).toBe('running');
});

describe('a person who waits for the training already', () => {
  const WAITS = /You’ll get a private message when it can be archived\..*The app checks until (\S+)\. /;

  it('sees so in the plan, with until when, and no button', async () => {
    await wire.ask(open.id);
    await click(NOTIFY);
    const [watch] = await wire.service.watches(wire.actor);
    const until = (watch?.createdAt ?? 0) + 14 * 24 * 3_600_000;
    wire.clock.advance(3 * 24 * 3_600_000);
    const plan = await wire.ask(open.id);
    expect(new Date(WAITS.exec(plan)?.[1] ?? '')).toEqual(new Date(Math.floor(until / 60_000) * 60_000));
    expect(plan).toContain('/toloka-archive list');
    expect(plan).not.toContain(NOTIFY);
    expect(plan).toContain('Check again');
    expect(await click('Check again')).toMatch(WAITS);
    // Of another training.
    expect(await wire.ask(locked.id)).not.toMatch(WAITS);
    expect(wire.screen()).toContain(NOTIFY);
    // Nothing blocks it any more.
    wire.account.updateTraining(open.id, { status: 'CLOSED' });
    expect(await wire.ask(open.id)).not.toMatch(WAITS);
  });

  it('sees so too when what they confirm is blocked by then', async () => {
    await wire.service.watch(wire.actor, 'production', [{ trainingId: ready.id, name: null }]);
    await wire.ask(ready.id);
    wire.account.updateTraining(ready.id, { status: 'OPEN' });
    await wire.fillAndSubmit(ready.id);
    expect(await wire.settled()).toMatch(WAITS);
  });

  it('is asked again when they have stopped it, when it is another person, and when the time is over', async () => {
    await wire.service.watch({ ...wire.actor, user: BOB }, 'production', [
      { trainingId: open.id, name: null },
    ]);
    expect(await wire.ask(open.id)).toContain(NOTIFY);
    await click(NOTIFY);
    const [watch] = await wire.service.watches(wire.actor);
    await wire.service.cancelWatch(wire.actor, watch?.id ?? '');
    expect(await wire.ask(open.id)).toContain(NOTIFY);
    await click(NOTIFY);
    // The app has not looked since, for example because archiving is paused.
    wire.clock.advance(14 * 24 * 3_600_000);
    const plan = await wire.ask(open.id);
    expect(plan).toContain(NOTIFY);
    expect(plan).not.toMatch(WAITS);
  });

  it('waits 14 days more after a click in an older window, and is told so', async () => {
    await wire.ask(open.id);
    await wire.service.watch(wire.actor, 'production', [{ trainingId: open.id, name: null }]);
    wire.clock.advance(3 * 24 * 3_600_000);
    const now = wire.clock.now();
    expect(await click(NOTIFY)).toContain('You were already waiting for it. The 14 days start again now.');
    expect(await wire.service.watches(wire.actor)).toMatchObject([{ createdAt: now }]);
  });

  it('does not wait longer for the plan: it is read before Toloka or Slack have answered', async () => {
    const { watches } = wire.journal;
    const before: unknown[] = [];
    wire.journal.watches = (user) => {
      before.push(wire.account.exchanges.length, wire.alice.modal());
      return watches.call(wire.journal, user);
    };
    // Who waits for its answer sees the window before the reading begins.
    wire.workspace.faults.add({ kind: 'slow', effect: false, ms: 150, method: 'views.open' });
    await wire.ask(open.id);
    expect(before).toEqual([0, undefined]);
  });

  it('sees the plan also when that cannot be read', async () => {
    wire.journal.watches = () => Promise.reject(new Error('the disk is full'));
    expect(await wire.ask(open.id)).toContain('The training is not closed.');
    expect(wire.log.join('\n')).toContain('the disk is full');
  });
});

it('when it was archived meanwhile, the message says so and has no button', async () => {
  await wire.ask(open.id);
  await click(NOTIFY);
  wire.account.updateTraining(open.id, { status: 'ARCHIVED' });
  await wait(10);
  expect(messages().map(({ text }) => text)).toEqual([
    'It is archived already. Training Street signs, newcomers (123458 in production).',
  ]);
  expect(textOf(messages()[0]?.blocks)).not.toContain('See the plan');
});

it('a message of last week shows the plan of today', async () => {
  await wire.ask(open.id);
  await click(NOTIFY);
  wire.account.updateTraining(open.id, { status: 'CLOSED' });
  await wait(10);
  wire.account.updateTraining(open.id, { status: 'OPEN' });
  wire.clock.advance(7 * 24 * 3_600_000);
  await wire.alice.click('See the plan', { channel: DIRECT });
  expect(await wire.settled()).toContain('The training is not closed.');
  expect(wire.alice.modal()?.submit).toBeFalsy();
});

it('one person can wait for 20 trainings, and is told so', async () => {
  const twenty = Array.from({ length: 20 }, (_, i) => ({ trainingId: String(1000 + i), name: null }));
  await wire.service.watch(wire.actor, 'production', twenty);
  await wire.ask(open.id);
  expect(await click(NOTIFY)).toMatch(/already waiting for 20 trainings.*\/toloka-archive list/);
  expect(codesOf(await wire.denials())).toEqual(['too_many_watches', 'not_closed']);
  expect(await wire.service.watches(wire.actor)).toHaveLength(20);
});

it('the answer comes as a message when Slack does not update the window', async () => {
  await wire.ask(open.id);
  wire.workspace.faults.add({ method: 'views.update', kind: 'error', error: 'internal_error', times: 3 });
  await click(NOTIFY);
  expect(wire.privately().at(-1)).toContain('You’ll get a private message when training Street signs');
});

describe('clicks that the app did not ask for', () => {
  it.each([
    ['{', 'stale_click'],
    [JSON.stringify(['production', '1; drop table', GENERAL]), 'stale_click'],
    [JSON.stringify(['production', open.id]), 'stale_click'],
    [JSON.stringify(['elsewhere', open.id, GENERAL]), 'environment_not_set'],
    [JSON.stringify(['production', open.id, DIRECT]), 'direct_message'],
  ])('a forged value %s is denied as %s', async (value, code) => {
    await forge(value);
    expect(codesOf(await wire.denials())).toEqual([code]);
    expect(wire.account.exchanges.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('of somebody who may not archive is denied', async () => {
    await forge(JSON.stringify(['production', open.id, GENERAL]), BOB);
    expect(codesOf(await wire.denials())).toEqual(['not_allowed']);
  });

  /** A message with the button and this value, which the person clicks. */
  async function forge(value: string, user = ALICE): Promise<void> {
    const text = { type: 'plain_text' as const, text: 'See the plan' };
    const button = { type: 'button' as const, action_id: 'archive_see_plan', text, value };
    const blocks = [{ type: 'actions' as const, elements: [button] }];
    await wire.app.slack.client.chat.postMessage({ channel: user, text: 'x', blocks });
    await wire.workspace.person(user).click('See the plan');
    await wire.settled();
  }
});

import type { FaultKind } from '../../demo/slack';
import { DEMO_TRAININGS } from '../../demo/toloka';
import { createTracker } from '../../src/archive/tracker';
import { cardsIn, createHouse, type House, textOf } from '../support/house';
import { ALICE, ELSEWHERE, GENERAL } from '../support/stage';

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const id = DEMO_TRAININGS.ready.id;
const posts = () => house.stage.account.posts(id).arrived;

describe('no archive without a card', () => {
  it('the bot is not in the channel: nothing is sent, and the advice is given', async () => {
    house.actor.channel = ELSEWHERE;
    const request = await house.archive(id);
    expect(request).toMatchObject({ state: 'not_started', outcome: { code: 'not_in_channel' } });
    expect(request.outcome?.message).toContain('/invite');
    await house.settle(request.id);
    expect([posts(), cardsIn(house.stage, ELSEWHERE).length]).toEqual([0, 0]);
  });

  it.each<FaultKind>(['status', 'reset', 'html', 'silent', 'ratelimited'])(
    'Slack answers every post with %s: nothing is sent, and the person is told',
    async (kind) => {
      house.stage.workspace.faults.add({ kind, method: 'chat.postMessage', times: 3 });
      const request = await house.archive(id);
      expect(request.state).toBe('not_started');
      await house.settle(request.id);
      expect([posts(), cardsIn(house.stage).length]).toEqual([0, 0]);
      expect(textOf(house.stage.workspace.ephemerals(ALICE).at(-1))).toContain('Not started');
    },
  );

  it('one failed post is tried again', async () => {
    house.stage.workspace.faults.add({ kind: 'ratelimited', method: 'chat.postMessage', retryAfter: 2 });
    expect((await house.settle((await house.archive(id)).id)).state).toBe('succeeded');
    expect([posts(), cardsIn(house.stage).length]).toEqual([1, 1]);
  });

  it('a long Retry-After is not waited for in front of a person', async () => {
    house.stage.workspace.faults.add({ kind: 'ratelimited', method: 'chat.postMessage', retryAfter: 60 });
    expect(await house.archive(id)).toMatchObject({ state: 'not_started', outcome: { code: 'ratelimited' } });
  });
});

describe('when Slack asks to slow down', () => {
  const another = DEMO_TRAININGS.oddName.id;
  const calls = (method: string, channel: string) =>
    house.stage.workspace.calls.filter((call) => call.method === method && call.args['channel'] === channel)
      .length;

  it('no other request posts into that channel until the time has passed; another channel goes ahead', async () => {
    const { workspace } = house.stage;
    workspace.setMember(ELSEWHERE, 'bot', true);
    workspace.faults.add({ kind: 'ratelimited', method: 'chat.postMessage', retryAfter: 60 });
    const late = { state: 'not_started', outcome: { code: 'ratelimited' } };
    expect(await house.archive(id)).toMatchObject(late);
    expect(calls('chat.postMessage', GENERAL)).toBe(1);
    house.clock.advance(40_000);
    expect(await house.archive(id)).toMatchObject(late);
    expect(calls('chat.postMessage', GENERAL)).toBe(1);
    house.actor.channel = ELSEWHERE;
    expect(await house.archive(another)).toMatchObject({ state: 'running' });
    house.actor.channel = GENERAL;
    house.clock.advance(20_000);
    expect(await house.archive(id)).toMatchObject({ state: 'running' });
  });

  it('no other card is edited until the time has passed', async () => {
    for (const trainingId of [id, another])
      house.stage.account.updateTraining(trainingId, { operationMs: 3_600_000 });
    const requests = [await house.archive(id), await house.archive(another)];
    const tracker = createTracker(house.parts);
    house.stage.workspace.faults.add({ kind: 'ratelimited', method: 'chat.update', retryAfter: 30 });
    const before = calls('chat.update', GENERAL);
    const edits = () => calls('chat.update', GENERAL) - before;
    for (const { operationId } of requests) {
      house.stage.account.finishOperation(operationId ?? '');
      house.clock.advance(5_000);
      await tracker.tick();
    }
    expect(edits()).toBe(1);
    for (const request of requests)
      expect(await house.settle(request.id)).toMatchObject({ state: 'succeeded' });
    expect(edits()).toBeGreaterThanOrEqual(3);
    for (const card of cardsIn(house.stage)) expect(textOf(card.blocks)).toContain('*Archived*');
  });
});

describe('one card, and one line an event', () => {
  it('a post whose answer was lost is found again, not repeated', async () => {
    house.stage.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    expect((await house.settle((await house.archive(id)).id)).state).toBe('succeeded');
    expect(cardsIn(house.stage)).toHaveLength(1);
  });

  it('a post that Slack did late, after another had been made, is taken away at the end', async () => {
    house.stage.account.updateTraining(id, { operationMs: 5_000 });
    house.stage.workspace.faults.add({ kind: 'slow', method: 'chat.postMessage', ms: 900, effect: false });
    const { id: requestId } = await house.archive(id);
    await house.stage.workspace.waitFor(() => cardsIn(house.stage).length === 2);
    await house.settle(requestId);
    expect(cardsIn(house.stage).map(({ blocks }) => textOf(blocks).includes('*Archived*'))).toEqual([true]);
  });

  it('a card that cannot be looked for is not posted again: nothing is sent', async () => {
    house.stage.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    house.stage.workspace.setScopes(['commands', 'chat:write']);
    expect(await house.archive(id)).toMatchObject({
      state: 'not_started',
      outcome: { code: 'missing_scope' },
    });
    expect(posts()).toBe(0);
  });

  it('a lost thread post is not repeated either', async () => {
    house.stage.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage', skip: 1 });
    await house.settle((await house.archive(id)).id);
    const lines =
      cardsIn(house.stage)[0]
        ?.replies.map(({ text }) => text)
        .join('\n') ?? '';
    expect(lines.match(/confirmed; recorded/g)).toHaveLength(1);
    expect(lines.match(/SUCCESS/g)).toHaveLength(1);
  });

  it('tells the truth in the end, although Slack was down at the end', async () => {
    house.stage.account.updateTraining(id, { operationMs: 5_000 });
    const request = await house.archive(id);
    house.stage.workspace.down(true);
    const tracker = createTracker(house.parts);
    for (let ticks = 0; ticks < 30; ticks++) {
      house.clock.advance(500);
      await tracker.tick();
    }
    expect(await house.journal.get(request.id)).toMatchObject({
      state: 'succeeded',
      publishAt: expect.any(Number),
    });
    expect(textOf(cardsIn(house.stage)[0])).toContain('Toloka is archiving');
    house.stage.workspace.down(false);
    await house.settle(request.id);
    expect(textOf(cardsIn(house.stage)[0])).toContain('*Archived*');
  });

  it('the end mentions the requester, in the thread, once', async () => {
    await house.settle((await house.archive(id)).id);
    const replies = cardsIn(house.stage)[0]?.replies ?? [];
    expect(replies.at(-1)?.text).toContain(`<@${ALICE}> the training is archived after`);
  });

  it('shows progress while it runs, but not with every poll', async () => {
    house.stage.account.updateTraining(id, { operationMs: 20_000 });
    const request = await house.archive(id);
    await house.settle(request.id);
    const [card] = cardsIn(house.stage);
    const shown = (card?.edits ?? []).map((edit) => /[█░]{10} \d+ %/.exec(textOf(edit))?.[0]).filter(Boolean);
    expect(new Set(shown).size).toBeGreaterThan(3);
    expect(card?.edits.length).toBeLessThan(14);
  });

  it('a token that was revoked at the end: the card tells the truth once it is renewed', async () => {
    house.stage.account.updateTraining(id, { operationMs: 5_000 });
    const request = await house.archive(id);
    const revoked = ['chat.update', 'chat.postMessage', 'chat.postEphemeral'].map((method) =>
      house.stage.workspace.faults.add({
        ...{ kind: 'error', error: 'token_revoked', method, times: Number.POSITIVE_INFINITY },
      }),
    );
    const tracker = createTracker(house.parts);
    for (let ticks = 0; ticks < 30; ticks++) {
      house.clock.advance(500);
      await tracker.tick();
    }
    expect(await house.journal.get(request.id)).toMatchObject({ state: 'succeeded' });
    expect(textOf(cardsIn(house.stage)[0])).toContain('Toloka is archiving');
    for (const fault of revoked) house.stage.workspace.faults.remove(fault);
    house.clock.advance(3_700_000);
    await tracker.tick();
    expect(textOf(cardsIn(house.stage)[0])).toContain('*Archived*');
  });

  it('a card that somebody deleted: the end is told in private', async () => {
    house.stage.account.updateTraining(id, { operationMs: 5_000 });
    const request = await house.archive(id);
    const { card } = request;
    const { WebClient } = await import('@slack/web-api');
    const slack = new WebClient('xoxb-1-stage-bot', { slackApiUrl: house.stage.workspace.url });
    await slack.chat.delete({ channel: card?.channel ?? '', ts: card?.ts ?? '' });
    expect((await house.settle(request.id)).state).toBe('succeeded');
    expect(house.stage.workspace.ephemerals(ALICE).at(-1)).toMatchObject({
      channel: GENERAL,
      text: expect.stringContaining('Archived'),
    });
  });
});

import type { FaultKind } from '../../fakes/slack';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { CardError } from '../../src/archive/errors';
import { claim } from '../../src/archive/record';
import { createService } from '../../src/archive/service';
import { runSafely } from '../../src/archive/step';
import { createWorker } from '../../src/archive/worker';
import {
  ALICE,
  askOne,
  cardsIn,
  confirmOne,
  createHarness,
  GENERAL,
  type Harness,
  shownOf,
  textOf,
} from '../support/harness';

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(() => harness.close());

const id = DEMO_TRAININGS.ready.id;
const posts = () => harness.account.posts(id).arrived;

describe('no archive without a card', () => {
  it('the bot left the channel after the plan: nothing is sent, and the advice is given', async () => {
    const { service, actor, workspace } = harness;
    const asked = await askOne(service, actor, { environment: 'production', trainingId: id });
    if (asked.kind !== 'planned') throw new Error(asked.kind);
    workspace.setMember(GENERAL, 'bot', false);
    const confirmed = await confirmOne(service, actor, shownOf(asked.request), 'no longer used');
    expect(confirmed).toMatchObject({
      request: { state: 'not_started', outcome: { code: 'not_in_channel' } },
    });
    await harness.settle(asked.request.id);
    expect([posts(), cardsIn(harness).length]).toEqual([0, 0]);
  });

  it.each<FaultKind>(['status', 'reset', 'html', 'silent', 'ratelimited'])(
    'Slack answers every post with %s: nothing is sent, and the person is told',
    async (kind) => {
      harness.workspace.faults.add({ kind, method: 'chat.postMessage', times: 99 });
      const request = await harness.archive(id);
      expect(request.state).toBe('not_started');
      await harness.settle(request.id);
      expect([posts(), cardsIn(harness).length]).toEqual([0, 0]);
      expect(textOf(harness.workspace.ephemerals(ALICE).at(-1))).toContain('Not started');
    },
  );

  it('one failed post is tried again', async () => {
    harness.workspace.faults.add({ kind: 'ratelimited', method: 'chat.postMessage', retryAfter: 2 });
    expect((await harness.settle((await harness.archive(id)).id)).state).toBe('succeeded');
    expect([posts(), cardsIn(harness).length]).toEqual([1, 1]);
  });

  it('waits for its turn while many others post in the channel', async () => {
    harness.workspace.faults.add({
      kind: 'ratelimited',
      method: 'chat.postMessage',
      retryAfter: 1,
      times: 12,
    });
    expect((await harness.settle((await harness.archive(id)).id)).state).toBe('succeeded');
    expect([posts(), cardsIn(harness).length]).toEqual([1, 1]);
  });

  it('a long Retry-After is not waited for in front of a person', async () => {
    harness.workspace.faults.add({ kind: 'ratelimited', method: 'chat.postMessage', retryAfter: 60 });
    expect(await harness.archive(id)).toMatchObject({
      state: 'not_started',
      outcome: { code: 'ratelimited' },
    });
  });
});

it('the journal knows since when a card is not up to date, however often writing it was tried', async () => {
  const { clock, journal, workspace, deps } = harness;
  const { id: requestId } = await harness.archive(id);
  const since = async () => (await journal.workload(clock.now())).oldestUnpublishedAt;
  const fault = workspace.faults.add({ kind: 'status', method: 'chat.update', times: 1_000 });
  const worker = createWorker(deps);
  const from = clock.now();
  for (; clock.now() < from + 600_000; clock.advance(5_000)) await worker.tick();
  expect((await since()) ?? 0).toBeGreaterThanOrEqual(from);
  expect((await since()) ?? Number.POSITIVE_INFINITY).toBeLessThan(from + 30_000);
  workspace.faults.remove(fault);
  await harness.settle(requestId);
  expect(await since()).toBeNull();
});

describe('one card, and one line an event', () => {
  it('a post whose answer was lost is found again, not repeated', async () => {
    harness.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    expect((await harness.settle((await harness.archive(id)).id)).state).toBe('succeeded');
    expect(cardsIn(harness)).toHaveLength(1);
  });

  it('a post that Slack did late, after another had been made, is taken away at the end', async () => {
    harness.account.updateTraining(id, { operationMs: 5_000 });
    harness.workspace.faults.add({ kind: 'slow', method: 'chat.postMessage', ms: 1_500, effect: false });
    const { id: requestId } = await harness.archive(id);
    await harness.workspace.waitFor(() => cardsIn(harness).length === 2);
    await harness.settle(requestId);
    expect(cardsIn(harness).map(({ blocks }) => textOf(blocks).includes('*Archived*'))).toEqual([true]);
  });

  it('a card that the app may not look for is posted again, and that one is kept up to date', async () => {
    harness.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    harness.workspace.setScopes(['commands', 'chat:write']);
    expect((await harness.settle((await harness.archive(id)).id)).state).toBe('succeeded');
    const shown = cardsIn(harness).map(({ blocks }) => textOf(blocks).includes('*Archived*'));
    expect([shown, posts()]).toEqual([[false, true], 1]);
  });

  it('a card that cannot be looked for is not posted again: nothing is sent', async () => {
    harness.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    harness.workspace.faults.add({ kind: 'error', method: 'conversations.history', error: 'not_in_channel' });
    expect(await harness.archive(id)).toMatchObject({
      state: 'not_started',
      outcome: { code: 'not_in_channel' },
    });
    expect(posts()).toBe(0);
  });

  it('a lost thread post is not repeated either', async () => {
    harness.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage', skip: 1 });
    await harness.settle((await harness.archive(id)).id);
    const lines =
      cardsIn(harness)[0]
        ?.replies.map(({ text }) => text)
        .join('\n') ?? '';
    expect(lines.match(/ confirmed\./g)).toHaveLength(1);
    expect(lines.match(/ {2}Archived\. Operation/g)).toHaveLength(1);
  });

  it('nor is one that was lost while the poll had the request in its hands', async () => {
    const { journal, clock, deps, workspace } = harness;
    const { id: requestId } = await harness.archive(id);
    clock.advance(2_100);
    workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    const { get } = journal;
    // Read before another worker publishes it, and written after that.
    journal.get = async (one) => {
      const read = await get.call(journal, one);
      journal.get = get;
      const [claimed] = await claim(deps, { limit: 1, ids: [requestId] });
      if (claimed) await runSafely(deps, claimed);
      return read;
    };
    expect((await harness.settle(requestId)).state).toBe('succeeded');
    const lines = cardsIn(harness)[0]?.replies.flatMap(({ text }) => text.split('\n')) ?? [];
    expect(lines.filter((line) => line.includes('asked to archive'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('Archived.'))).toHaveLength(1);
  });

  it('shows the truth in the end, although Slack was down at the end', async () => {
    harness.account.updateTraining(id, { operationMs: 5_000 });
    const request = await harness.archive(id);
    harness.workspace.down(true);
    const worker = createWorker(harness.deps);
    for (let ticks = 0; ticks < 30; ticks++) {
      harness.clock.advance(500);
      await worker.tick();
    }
    expect(await harness.journal.get(request.id)).toMatchObject({
      state: 'succeeded',
      publishAt: expect.any(Number),
    });
    expect(textOf(cardsIn(harness)[0])).toContain('being sent to Toloka');
    harness.workspace.down(false);
    await harness.settle(request.id);
    expect(textOf(cardsIn(harness)[0])).toContain('*Archived*');
  });

  it('the end mentions the requester, in the thread, once', async () => {
    await harness.settle((await harness.archive(id)).id);
    const replies = cardsIn(harness)[0]?.replies ?? [];
    expect(replies.at(-1)?.text).toContain(`<@${ALICE}>, the training is archived.`);
  });

  it('shows progress while it runs, but not with every poll', async () => {
    harness.account.updateTraining(id, { operationMs: 20_000 });
    const request = await harness.archive(id);
    await harness.settle(request.id);
    const [card] = cardsIn(harness);
    const shown = (card?.edits ?? []).map((edit) => /[█░]{10} \d+ %/.exec(textOf(edit))?.[0]).filter(Boolean);
    expect(new Set(shown).size).toBeGreaterThan(3);
    expect(card?.edits.length).toBeLessThan(14);
  });

  it('an edit is not left behind when its link fails: the lease is kept until Slack has answered', async () => {
    const { cards } = harness.deps;
    let editing = 0;
    const deps = {
      ...harness.deps,
      cards: {
        ...cards,
        link: () => Promise.reject(new CardError('not_now', 'ratelimited', 'Slack asks to slow down.')),
        update: async (...given: Parameters<typeof cards.update>) => {
          editing++;
          await new Promise((resolve) => setTimeout(resolve, 200));
          await cards.update(...given);
          editing--;
        },
      },
    };
    const { service, actor } = harness;
    const asked = await askOne(service, actor, { environment: 'production', trainingId: id });
    if (asked.kind !== 'planned') throw new Error(asked.kind);
    await confirmOne(createService(deps), actor, shownOf(asked.request), 'no longer used');
    expect([editing, (await harness.journal.get(asked.request.id))?.lease]).toEqual([0, null]);
    await harness.settle(asked.request.id);
    expect(textOf(cardsIn(harness)[0])).toContain('*Archived*');
  });

  it('a token that was revoked at the end: the card shows the truth once it is renewed', async () => {
    harness.account.updateTraining(id, { operationMs: 5_000 });
    const request = await harness.archive(id);
    const revoked = ['chat.update', 'chat.postMessage', 'chat.postEphemeral'].map((method) =>
      harness.workspace.faults.add({
        ...{ kind: 'error', error: 'token_revoked', method, times: Number.POSITIVE_INFINITY },
      }),
    );
    const worker = createWorker(harness.deps);
    for (let ticks = 0; ticks < 30; ticks++) {
      harness.clock.advance(500);
      await worker.tick();
    }
    expect(await harness.journal.get(request.id)).toMatchObject({ state: 'succeeded' });
    expect(textOf(cardsIn(harness)[0])).toContain('being sent to Toloka');
    for (const fault of revoked) harness.workspace.faults.remove(fault);
    harness.clock.advance(3_700_000);
    await worker.tick();
    expect(textOf(cardsIn(harness)[0])).toContain('*Archived*');
  });

  it('a card that somebody deleted: the end is told in private', async () => {
    harness.account.updateTraining(id, { operationMs: 5_000 });
    const request = await harness.archive(id);
    const { card } = request;
    const { WebClient } = await import('@slack/web-api');
    const slack = new WebClient('xoxb-1-stage-bot', { slackApiUrl: harness.workspace.url });
    await slack.chat.delete({ channel: card?.channel ?? '', ts: card?.ts ?? '' });
    expect((await harness.settle(request.id)).state).toBe('succeeded');
    expect(harness.workspace.ephemerals(ALICE).at(-1)).toMatchObject({
      channel: GENERAL,
      text: expect.stringContaining('Archived'),
    });
  });
});

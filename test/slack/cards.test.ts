import { createManualClock } from '../../fakes/toloka';
import type { Cards, OnCard } from '../../src/archive/ports';
import type { ArchiveRequest } from '../../src/archive/request';
import { createCards, permalink } from '../../src/slack/cards';
import { createDirectory, createShared } from '../../src/slack/directory';
import { ALICE, cardsIn, createFakes, type Fakes, GENERAL, GROUP, textOf } from '../support/harness';
import { clientOf, eventAt, requestAt } from './support';

const SECOND = 'C03SECOND';
const clock = createManualClock(Date.now());
let fakes: Fakes;
let cards: Cards;
let request: ArchiveRequest;
let log: string[];
beforeEach(async () => {
  log = [];
  fakes = await createFakes({
    workspace: {
      now: clock.now,
      channels: [GENERAL, SECOND].map((id) => ({ id, name: id.toLowerCase(), members: [ALICE], bot: true })),
    },
  });
  cards = createCards({ client: clientOf(fakes), clock, logger: { info: (text) => log.push(text) } });
  request = requestAt(clock.now());
});
afterEach(() => fakes.close());

const callsOf = (name: string) => fakes.workspace.calls.filter(({ method }) => method === name);
const post = (metadata: object, text = 'odd', thread_ts?: string) =>
  clientOf(fakes).chat.postMessage({
    channel: GENERAL,
    text,
    ...(thread_ts && { thread_ts }),
    metadata: metadata as never,
  });

describe('post', () => {
  it('posts the card with the metadata by which it is found again', async () => {
    const card = await cards.post([request]);
    expect(await cards.find(request)).toEqual(card);
    expect(cardsIn(fakes)).toHaveLength(1);
    expect(callsOf('chat.postMessage')[0]?.args).toMatchObject({
      unfurl_links: 'false',
      unfurl_media: 'false',
    });
  });

  it.each(['lost', 'status', 'reset'] as const)('never tries again: %s', async (kind) => {
    fakes.workspace.faults.add({ kind, method: 'chat.postMessage' });
    await expect(cards.post([request])).rejects.toMatchObject({ failure: 'maybe' });
    expect(callsOf('chat.postMessage')).toHaveLength(1);
  });
});

describe('find', () => {
  it('finds a card whose post was lost, on a later page too', async () => {
    fakes.workspace.faults.add({ kind: 'lost', method: 'chat.postMessage' });
    await cards.post([request]).catch(() => {});
    for (let i = 0; i < 200; i++) fakes.workspace.person(ALICE).say(`line ${i}`, { channel: GENERAL });
    expect(await cards.find(request)).toEqual({ channel: GENERAL, ts: cardsIn(fakes)[0]?.ts });
    expect(callsOf('conversations.history')).toHaveLength(2);
  });

  it('finds nothing when there is no card of this request', async () => {
    await cards.post([requestAt(clock.now(), { id: 'request-2' })]);
    expect(await cards.find(request)).toBeNull();
  });

  it('ignores messages whose metadata only looks like its own', async () => {
    await post({ event_type: 'archive_card', event_payload: { request_id: true } });
    await post({ event_type: 'archive_card', event_payload: {} });
    await post({ event_type: 'another', event_payload: { request_id: request.id } });
    expect(await cards.find(request)).toBeNull();
  });

  it('finds nothing when it may not look, and logs that', async () => {
    await cards.post([request]);
    fakes.workspace.setScopes(['commands', 'chat:write']);
    expect(await cards.find(request)).toBeNull();
    expect(log).toEqual(['the app may not look for its own messages']);
  });

  it('does not take another refusal for nothing', async () => {
    fakes.workspace.setMember(GENERAL, 'bot', false);
    await expect(cards.find(request)).rejects.toMatchObject({ failure: 'refused', reason: 'not_in_channel' });
  });
});

describe('update', () => {
  it('edits the card and keeps its metadata', async () => {
    const card = await cards.post([request]);
    await cards.update([{ ...request, state: 'succeeded', finishedAt: clock.now() }], card);
    expect(textOf(cardsIn(fakes)[0]?.blocks)).toContain('Archived');
    expect(await cards.find(request)).toEqual(card);
  });

  it('says that the card is gone', async () => {
    const card = await cards.post([request]);
    await clientOf(fakes).chat.delete(card);
    await expect(cards.update([request], card)).rejects.toMatchObject({ reason: 'message_not_found' });
  });
});

describe('the thread', () => {
  const add = (card: { channel: string; ts: string }, ...seqs: number[]) =>
    cards.addToThread(
      [request],
      card,
      seqs.map((seq) => eventAt(clock.now(), seq)),
    );
  const lines = () => (cardsIn(fakes)[0]?.replies ?? []).map(({ metadata }) => metadata?.event_payload);

  it('knows the last event that it shows', async () => {
    const card = await cards.post([request]);
    expect(await cards.lastInThread(request, card)).toEqual({ seq: 0, sum: 0, call: 0 });
    await add(card, 1, 2);
    await add(card, 3);
    expect(await cards.lastInThread(request, card)).toEqual({ seq: 3, sum: 0, call: 0 });
  });

  it('knows the last closing message of a batch, and loses the same one twice', async () => {
    const batch = [
      { ...request, state: 'succeeded', batch: request.id, receipt: 'aaaa-1111' },
      requestAt(clock.now(), { id: 'request-2', state: 'failed', batch: request.id, receipt: 'bbbb-2222' }),
    ] satisfies OnCard;
    const card = await cards.post(batch);
    await add(card, 1, 2);
    for (const sum of [9, 9, 12]) await cards.closeThread(batch, card, sum);
    expect(await cards.lastInThread(request, card)).toEqual({ seq: 2, sum: 12, call: 0 });
    await cards.removeDuplicates(request, card);
    expect(lines()).toMatchObject([{ seq: 2 }, { sum: 9 }, { sum: 12 }]);
    const { text } = cardsIn(fakes)[0]?.replies.at(-1) ?? {};
    expect(text).toMatch(/^<@U01ALICE>, 2 trainings: 1 archived, 1 failed\./);
    for (const part of [request.id, 'aaaa-1111', 'request-2', 'bbbb-2222']) expect(text).toContain(part);
  });

  it('knows the last call for the approvals of a batch, and loses the same one twice', async () => {
    const audience = { everyone: false, people: ['U2'], groups: [] };
    const at = clock.now();
    const approval = {
      ...{ needed: 1, audience, given: [], changes: [], declined: null },
      ...{ askedAt: at - 5, until: at + 5, remindedAt: at },
    };
    const waiting = { state: 'awaiting_approval', batch: request.id, approval } as const;
    const batch = [
      { ...request, ...waiting },
      requestAt(at, { id: 'request-2', ...waiting }),
    ] satisfies OnCard;
    const card = await cards.post(batch);
    await add(card, 1, 2);
    for (const call of [at - 5, at, at]) await cards.callApprovers(batch, card, call);
    expect(await cards.lastInThread(request, card)).toEqual({ seq: 2, sum: 0, call: at });
    await cards.removeDuplicates(request, card);
    expect(lines()).toMatchObject([{ seq: 2 }, { call: at - 5 }, { call: at }]);
    const { text } = cardsIn(fakes)[0]?.replies.at(-1) ?? {};
    expect(text).toBe('Reminder: still waiting for approval from <@U2> (2 trainings of 2).');
  });

  it('ignores odd metadata', async () => {
    const card = await cards.post([request]);
    await add(card, 1, 2);
    const odd = (payload: object) =>
      post(
        { event_type: 'archive_thread', event_payload: { request_id: request.id, ...payload } },
        'x',
        card.ts,
      );
    await odd({ from: 1, seq: 'nine' });
    await odd({ from: true, seq: 9 });
    await odd({ seq: -1, from: 0 });
    await odd({ from: 1, seq: 1e300 });
    await odd({ from: 0, seq: 0, sum: 'nine' });
    await odd({ from: 0, seq: 0, sum: -9 });
    await odd({ from: 0, seq: 0, call: 'noon' });
    expect(await cards.lastInThread(request, card)).toEqual({ seq: 2, sum: 0, call: 0 });
  });

  it('loses what is there twice, and every other card of the request', async () => {
    const card = await cards.post([request]);
    await cards.post([request]);
    const other = await cards.post([requestAt(clock.now(), { id: 'request-2' })]);
    await add(card, 1, 2);
    await add(card, 2);
    await add(card, 3);
    await add(card, 3);
    await cards.removeDuplicates(request, card);
    expect(
      cardsIn(fakes)
        .map(({ ts }) => ts)
        .sort(),
    ).toEqual([card.ts, other.ts].sort());
    expect(lines()).toEqual([
      { request_id: request.id, from: 1, seq: 2, sum: 0, call: 0 },
      { request_id: request.id, from: 3, seq: 3, sum: 0, call: 0 },
    ]);
  });

  it('does not mind that somebody deleted a duplicate meanwhile', async () => {
    const card = await cards.post([request]);
    await cards.post([request]);
    fakes.workspace.faults.add({ kind: 'error', method: 'chat.delete', error: 'message_not_found' });
    await cards.removeDuplicates(request, card);
    fakes.workspace.faults.add({ kind: 'error', method: 'chat.delete', error: 'cant_delete_message' });
    await expect(cards.removeDuplicates(request, card)).rejects.toMatchObject({
      reason: 'cant_delete_message',
    });
  });
});

describe('when Slack asks to slow down', () => {
  const limit = (method: string) =>
    fakes.workspace.faults.add({ kind: 'ratelimited', method, retryAfter: 7 });

  it('posts nothing in that channel until the time has passed, and elsewhere at once', async () => {
    limit('chat.postMessage');
    await expect(cards.post([request])).rejects.toMatchObject({ failure: 'not_now', retryAfterMs: 7_000 });
    clock.advance(3_000);
    await expect(cards.post([request])).rejects.toMatchObject({ failure: 'not_now', retryAfterMs: 4_000 });
    expect(callsOf('chat.postMessage')).toHaveLength(1);
    await cards.post([{ ...request, channel: SECOND }]);
    clock.advance(4_000);
    await cards.post([request]);
    expect(callsOf('chat.postMessage')).toHaveLength(3);
  });

  it('edits nothing in the workspace, but posts', async () => {
    const card = await cards.post([request]);
    const elsewhere = await cards.post([{ ...request, channel: SECOND }]);
    limit('chat.update');
    await expect(cards.update([request], card)).rejects.toMatchObject({ retryAfterMs: 7_000 });
    await expect(cards.update([request], elsewhere)).rejects.toMatchObject({ reason: 'ratelimited' });
    expect(callsOf('chat.update')).toHaveLength(1);
    await cards.addToThread([request], card, [eventAt(clock.now(), 1)]);
  });
});

it('notifies the requester in private', async () => {
  await cards.notifyRequester([{ ...request, state: 'failed', outcome: { code: 'OPERATION_FAILED' } }]);
  expect(fakes.workspace.ephemerals(ALICE)).toMatchObject([
    { channel: GENERAL, text: expect.stringContaining('123456') },
  ]);
});

describe('permalink', () => {
  it('links to a card', async () => {
    const client = clientOf(fakes);
    const card = await cards.post([request]);
    expect(await permalink(client, card)).toMatch(/^https:\/\/.*\/archives\/C01GENERAL\/p\d+$/);
    expect(await cards.link(card)).toBe(await permalink(client, card));
  });

  it.each(['https://demo.slack.com/archives/C1/p1', null])('kept with the card (%s): used', async (url) => {
    expect(await permalink(clientOf(fakes), { channel: GENERAL, ts: '1.1', url })).toBe(url);
    expect(callsOf('chat.getPermalink')).toEqual([]);
  });

  it('to be kept is null where Slack has none, and asked for again after trouble', async () => {
    expect(await cards.link({ channel: GENERAL, ts: '1.000000' })).toBeNull();
    fakes.workspace.faults.add({ kind: 'status', method: 'chat.getPermalink' });
    await expect(cards.link(await cards.post([request]))).rejects.toMatchObject({ code: 'card_failed' });
  });

  it('is null without a card, and when Slack has trouble', async () => {
    const client = clientOf(fakes);
    expect(await permalink(client, null)).toBeNull();
    expect(await permalink(client, { channel: GENERAL, ts: '1.000000' })).toBeNull();
  });
});

describe('lookups that share a call', () => {
  /** Calls that are answered when the test says so, in their order. */
  function createCalls() {
    const open: { resolve(value: number): void; reject(error: Error): void }[] = [];
    const look = createShared(() => new Promise<number>((resolve, reject) => open.push({ resolve, reject })));
    return { open, look };
  }

  it('get an answer to a call that began after they asked', async () => {
    const { open, look } = createCalls();
    const first = look();
    const others = [look(), look(), look()];
    expect(open).toHaveLength(1);
    open[0]?.resolve(1);
    expect(await first).toBe(1);
    await Promise.resolve();
    expect(open).toHaveLength(2);
    const late = look();
    open[1]?.resolve(2);
    expect(await Promise.all(others)).toEqual([2, 2, 2]);
    await Promise.resolve();
    open[2]?.resolve(3);
    expect([await late, open.length]).toEqual([3, 3]);
  });

  it('are made although the one before failed', async () => {
    const { open, look } = createCalls();
    const [first, second] = [look(), look()];
    open[0]?.reject(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await Promise.resolve();
    open[1]?.resolve(2);
    expect(await second).toBe(2);
    const third = look();
    open[2]?.resolve(3);
    expect(await third).toBe(3);
  });
});

describe('directory', () => {
  it('asks once for the app’s own workspace for all who ask at the same time, and again after trouble', async () => {
    const directory = createDirectory(clientOf(fakes));
    fakes.workspace.faults.add({ kind: 'status', method: 'auth.test' });
    const homes = () => Promise.allSettled([1, 2, 3].map(() => directory.home()));
    expect((await homes()).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    const calls = callsOf('auth.test').length;
    for (const one of [...(await homes()), ...(await homes())])
      expect(one).toMatchObject({ status: 'fulfilled', value: { team: 'T0TEAM' } });
    expect(callsOf('auth.test').length - calls).toBe(1);
  });

  it('asks once a minute for members that are only shown, and at once after trouble', async () => {
    let now = 0;
    const directory = createDirectory(clientOf(fakes), () => now);
    fakes.workspace.faults.add({ kind: 'status', method: 'usergroups.users.list' });
    await expect(directory.recentGroupMembers(GROUP)).rejects.toThrow();
    const calls = () => callsOf('usergroups.users.list').length;
    const before = calls();
    for (now of [1, 59_000]) expect(await directory.recentGroupMembers(GROUP)).toEqual([ALICE]);
    expect(calls() - before).toBe(1);
    expect(await directory.groupMembers(GROUP)).toEqual([ALICE]);
    now = 61_000;
    await directory.recentGroupMembers(GROUP);
    expect(calls() - before).toBe(3);
  });

  it('gives the members of a user group, and throws for one that it cannot look up', async () => {
    const directory = createDirectory(clientOf(fakes));
    expect(await directory.groupMembers(GROUP)).toEqual([ALICE]);
    await expect(directory.groupMembers('S99GONE')).rejects.toThrow();
  });
});

import { addMessages, isAnyOpen, lacksMessage, linesOf } from '../../src/archive/batch-thread';
import { LeaseLostError } from '../../src/archive/errors';
import type { Cards, Deps, OnCard } from '../../src/archive/ports';
import type { Approval, ArchiveRequest, RequestEvent, RequestState } from '../../src/archive/request';
import { EVENT_KINDS } from '../../src/archive/request';

const CARD = { channel: 'C1', ts: '1.1' };
const NOTHING = { call: 0, sum: 0 };
/** As much of a request as is read here. */
const request = (over: Partial<ArchiveRequest>): ArchiveRequest =>
  ({
    ...{ id: 'a', batch: 'a', version: 1, approval: null, calledAt: 0, closedSum: 0 },
    ...over,
  }) as ArchiveRequest;
const inState = (...states: RequestState[]) =>
  states.map((state, i) => request({ state, version: 5 + i })) as unknown as OnCard;
const asked = (approval: Partial<Approval>, state: RequestState = 'awaiting_approval') =>
  request({
    state,
    approval: { askedAt: 10, remindedAt: null, changes: [], ...approval } as unknown as Approval,
  });

describe('the lines of a thread', () => {
  const events = EVENT_KINDS.map((kind) => ({ kind }) as RequestEvent);
  it('are all events of a request that was confirmed alone, and for a batch what people did and when it was sent', () => {
    expect(linesOf(request({ batch: null }), events)).toEqual(events);
    expect(linesOf(request({}), events).map(({ kind }) => kind)).toEqual([
      ...['asked', 'approval_requested', 'approved', 'fully_approved', 'declined', 'withdrawn'],
      ...['approval_expired', 'confirmed', 'submitting'],
    ]);
  });
});

describe('the messages of a batch', () => {
  const added: string[] = [];
  const cards: Partial<Cards> = {
    callApprovers: async (_requests, _card, at) => void added.push(`call ${at}`),
    closeThread: async (_requests, _card, sum) => void added.push(`close ${sum}`),
  };
  const deps = { cards, clock: { now: () => 0 }, limits: { leaseMs: 60 } } as unknown as Deps;
  const add = async (requests: OnCard, known = {}, shown = NOTHING, until = 10) => {
    added.length = 0;
    const first = { ...requests[0], ...known };
    const delivery = await addMessages(deps, { request: first, lease: { token: 't', until } }, requests, {
      card: CARD,
      shown,
    });
    return { lacks: lacksMessage(first, requests), added: [...added], ...delivery };
  };

  it('close the thread once all have ended, and again when the end changed', async () => {
    const ended = inState('succeeded', 'failed');
    expect([isAnyOpen(inState('succeeded', 'running')), isAnyOpen(ended)]).toEqual([true, false]);
    expect(await add(inState('succeeded', 'running'))).toEqual({
      ...{ lacks: false, added: [], calledAt: 0, closedSum: 0 },
    });
    expect(await add(ended)).toEqual({ lacks: true, added: ['close 11'], calledAt: 0, closedSum: 11 });
    expect(await add(ended, { closedSum: 9 })).toMatchObject({
      lacks: true,
      added: ['close 11'],
      closedSum: 11,
    });
    expect(await add(ended, { closedSum: 11 })).toMatchObject({ lacks: false, added: [], closedSum: 11 });
    expect(await add(ended, {}, { call: 0, sum: 11 })).toMatchObject({
      lacks: true,
      added: [],
      closedSum: 11,
    });
    expect(await add(inState('unknown', 'failed'), { closedSum: 9 })).toMatchObject({
      added: [],
      closedSum: 9,
    });
  });

  it('call the approvers when they are reminded, or asked again', async () => {
    const changes: Approval['changes'] = [{ what: 'name' }];
    const calls = async (...requests: ArchiveRequest[]) => (await add(requests as unknown as OnCard)).added;
    expect(await calls(asked({}))).toEqual([]);
    expect(await calls(asked({ remindedAt: 20 }))).toEqual(['call 20']);
    expect(await calls(asked({ changes }))).toEqual(['call 10']);
    expect(await calls(asked({ changes, remindedAt: 20 }))).toEqual(['call 20']);
    expect(await calls(asked({ remindedAt: 20 }), asked({ changes, askedAt: 30 }))).toEqual(['call 30']);
    expect(await calls(asked({ remindedAt: 20 }, 'running'), asked({}))).toEqual([]);
    expect(await calls(request({ state: 'awaiting_approval' }))).toEqual([]);
  });

  it('call them once', async () => {
    const requests = [asked({ remindedAt: 20 })] as unknown as OnCard;
    expect(await add(requests, { calledAt: 19 })).toMatchObject({
      lacks: true,
      added: ['call 20'],
      calledAt: 20,
    });
    expect(await add(requests, { calledAt: 20 })).toMatchObject({ lacks: false, added: [], calledAt: 20 });
    expect(await add(requests, {}, { call: 20, sum: 0 })).toMatchObject({
      lacks: true,
      added: [],
      calledAt: 20,
    });
    expect(await add(requests, { calledAt: 30 })).toMatchObject({ added: [], calledAt: 30 });
  });

  it('are for batches only, and need a lease', async () => {
    const alone = [request({ batch: null, state: 'failed' })] as unknown as OnCard;
    expect(await add(alone)).toEqual({ lacks: false, added: [], calledAt: 0, closedSum: 0 });
    await expect(add(inState('failed'), {}, NOTHING, 9)).rejects.toThrow(LeaseLostError);
    await expect(add([asked({ remindedAt: 20 })] as unknown as OnCard, {}, NOTHING, 9)).rejects.toThrow(
      LeaseLostError,
    );
    expect(added).toEqual([]);
  });
});

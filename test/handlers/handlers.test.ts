import { DEMO_TRAININGS } from '../../fakes/toloka';
import type { ArchiveRequest } from '../../src/archive/request';
import { archiveCommandHandler } from '../../src/handlers/archive-command';
import { checkAgainHandler } from '../../src/handlers/check-again';
import { closeViewHandler } from '../../src/handlers/close-view';
import { confirmViewHandler } from '../../src/handlers/confirm-view';
import { trainingOptionsHandler } from '../../src/handlers/pick';
import { retryHandler } from '../../src/handlers/retry';
import { readModalState, writeModalState } from '../../src/messages/modal-state';
import { triggerOf } from '../slack/support';
import { ALICE, askOne, BOB, GENERAL, shownOf, textOf } from '../support/harness';
import { clickBody, codesOf, createDesk, type Desk } from './support';

const trainingId = DEMO_TRAININGS.ready.id;
const TARGET = { environment: 'production', trainingId };
const ITEM = [trainingId, 'id-1', 'f', ''];
const MODAL = { environment: 'production', channel: GENERAL };
/** What may be in `private_metadata` although this version never writes it. */
const ODD_STATES = [
  '',
  'null',
  '[]',
  '{',
  // Of the version before.
  JSON.stringify({ ...TARGET, channel: GENERAL, requestId: 'id-1', shown: 'f' }),
  JSON.stringify({ ...MODAL, items: [[trainingId, true, 'f', '']] }),
  JSON.stringify({ ...MODAL, items: [ITEM.slice(1)] }),
  JSON.stringify({ ...MODAL, items: Array(21).fill(ITEM) }),
  JSON.stringify({ ...MODAL, items: { 0: ITEM } }),
  JSON.stringify({ ...MODAL, channel: 7, items: [ITEM] }),
  JSON.stringify({ items: [ITEM] }),
];

let desk: Desk;
beforeEach(async () => {
  desk = await createDesk();
});
afterEach(() => desk.harness.close());

async function planned(): Promise<ArchiveRequest> {
  const asked = await askOne(desk.harness.service, desk.harness.actor, TARGET);
  if (asked.kind !== 'planned') throw new Error(`Not planned: ${asked.kind}`);
  return asked.request;
}
const stateOf = ({ id, plan }: ArchiveRequest) =>
  writeModalState({ ...MODAL, items: [{ trainingId, requestId: id, shown: plan.fingerprint }] });
const ASKED_NOTHING = writeModalState({ ...MODAL, items: [{ trainingId }] });
const inputs = (reason: unknown, typedId: unknown = trainingId) => ({
  reason: { reason_text: { type: 'plain_text_input', value: reason } },
  typed: { typed_text: { type: 'plain_text_input', value: typedId } },
});
const texts = () => desk.notices.map(({ text }) => text);

describe('the command', () => {
  const NUMBERS = Array.from({ length: 21 }, (_, n) => n + 1).join(' ');
  const type = (text: string | undefined) =>
    archiveCommandHandler(desk.deps)({
      ack: desk.ack,
      command: { text, user_id: ALICE, channel_id: GENERAL, team_id: 'T0TEAM', trigger_id: 'x' } as never,
    });

  it.each([
    ['status', 'no_id', /Which training/],
    ['training', 'unknown_command', /no such command/],
    ['0123', 'leading_zero', /does not begin with 0/],
    ['<!channel>', 'bad_id', /not a training ID/],
    ['123456 moon', 'bad_environment', /environment/],
    [NUMBERS, 'too_many', /At most 20 trainings/],
    ['5 6 5', 'duplicate_id', /5 is in the list twice/],
    ['status 1 2', 'one_training', /Give one training/],
    ['https://platform.toloka.ai/requester/project/74175/pool/32267581', 'pool_link', /leads to a pool/],
    ['https://example.com/training/1', 'bad_link', /does not lead to a training/],
    ['https://toloka.dev/a/training/5 sandbox', 'environment_conflict', /leads to production.*for sandbox/],
  ])('%j is denied as %s, with the help', async (text, code, words) => {
    await type(text);
    expect(desk.acks).toEqual([undefined]);
    expect(texts()).toEqual([expect.stringMatching(words)]);
    expect(textOf(texts())).toContain('/toloka-archive 123456');
    expect(textOf(texts())).not.toMatch(/<[@!]/);
    expect(await desk.harness.denials()).toMatchObject([
      { code, user: ALICE, channel: GENERAL, team: 'T0TEAM' },
    ]);
    // Whose workspace this is decides what the person can do here.
    expect(desk.harness.workspace.calls.map(({ method }) => method)).toEqual(['auth.test']);
    expect(desk.harness.account.exchanges).toEqual([]);
  });

  it('help is no denial', async () => {
    await type('help');
    expect(texts().join()).toContain('Archiving cannot be undone');
    expect(await desk.harness.denials()).toEqual([]);
  });

  it('is answered in private when Slack opens no modal', async () => {
    await type(trainingId);
    expect(desk.acks).toEqual([undefined]);
    expect(await desk.harness.denials()).toMatchObject([
      { code: 'modal_not_opened', detail: 'invalid_trigger_id', ...TARGET },
    ]);
    // The plan was read meanwhile. Nobody has seen it.
    const made = await Promise.all(['id-1', 'id-2'].map((id) => desk.harness.service.requestOf(id)));
    expect(made.flatMap((request) => request?.state ?? [])).toEqual(['cancelled']);
  });
});

describe('the modal’s Archive', () => {
  const submit = (metadata: string, values: unknown, user = ALICE) =>
    confirmViewHandler(desk.deps)({
      ack: desk.ack as never,
      body: clickBody(user) as never,
      view: { id: 'V1', private_metadata: metadata, state: { values } } as never,
    });

  it.each([
    ['a wrong ID', inputs('r', '123457'), ['typed'], 'typed_id_wrong'],
    ['no ID', inputs('r', null), ['typed'], 'typed_id_wrong'],
    ['a blank reason', inputs(' \n'), ['reason'], 'reason_wrong'],
    ['a reason of 3,000 characters', inputs('x'.repeat(3000)), ['reason'], 'reason_wrong'],
    ['values of odd types', inputs({ a: 1 }, [7]), ['typed', 'reason'], 'typed_id_wrong'],
    ['no inputs', undefined, ['typed', 'reason'], 'typed_id_wrong'],
  ])('%s is pointed at, denied, and nothing is archived', async (_name, values, blocks, code) => {
    const request = await planned();
    await submit(stateOf(request), values);
    const [{ response_action, errors }] = desk.acks as [{ response_action: string; errors: object }];
    expect([response_action, Object.keys(errors).sort()]).toEqual(['errors', [...blocks].sort()]);
    expect(await desk.harness.denials()).toMatchObject([{ code, requestId: request.id }]);
    expect((await desk.harness.service.requestOf(request.id))?.state).toBe('planned');
  });

  it('of several trainings asks for their number, and points at a wrong one', async () => {
    const items = [trainingId, '7'].map((one) => ({ trainingId: one, requestId: `of-${one}`, shown: 'f' }));
    await submit(writeModalState({ ...MODAL, items }), inputs('r'));
    expect(desk.acks).toEqual([
      { response_action: 'errors', errors: { typed: expect.stringMatching(/number of trainings.*Type 2/) } },
    ]);
    expect(codesOf(await desk.harness.denials())).toEqual(['typed_number_wrong']);
  });

  it.each([...ODD_STATES, ASKED_NOTHING])('with the state %j is denied as stale', async (metadata) => {
    await submit(metadata, inputs('r'));
    expect(textOf(desk.acks)).toMatch(/older version/);
    expect(codesOf(await desk.harness.denials())).toEqual(['stale_click']);
  });

  it.each([
    ['another person', BOB, 'not_yours', /Only the person who asked/],
    ['a request that is not in the journal', ALICE, 'request_unknown', /not in the app’s records/],
  ])('%s: denied in the modal, or in private when that takes long', async (_name, user, code, words) => {
    const request = await planned();
    const metadata = stateOf(code === 'request_unknown' ? { ...request, id: 'gone' } : request);
    await submit(metadata, inputs('r'), user);
    expect(desk.acks).toMatchObject([{ response_action: 'update' }]);
    expect(textOf(desk.acks)).toContain('you get a private message');
    expect(texts()).toEqual([expect.stringMatching(words)]);
    desk.deps.sleep = () => new Promise(() => {});
    await submit(metadata, inputs('r'), user);
    expect(textOf(desk.acks.slice(1))).toMatch(words);
    expect([codesOf(await desk.harness.denials()), texts().length]).toEqual([[code, code], 1]);
    expect((await desk.harness.service.requestOf(request.id))?.state).toBe('planned');
  });
});

describe('an acknowledgement that is lost', () => {
  it('leaves nothing of the confirmation undone when the handler ends', async () => {
    const request = await planned();
    const handling = confirmViewHandler(desk.deps)({
      ack: () => Promise.reject(new Error('the connection was lost')),
      body: clickBody() as never,
      view: { private_metadata: stateOf(request), state: { values: inputs('r') } } as never,
    });
    await expect(handling).rejects.toThrow('the connection was lost');
    expect(await desk.harness.journal.get(request.id)).toMatchObject({ state: 'running', lease: null });
  });
});

describe('closing the modal', () => {
  const close = (metadata: string, user = ALICE) =>
    closeViewHandler(desk.deps)({
      ack: desk.ack as never,
      body: clickBody(user) as never,
      view: { private_metadata: metadata } as never,
    });

  it('cancels the request, once', async () => {
    const request = await planned();
    await close(stateOf(request));
    await close(stateOf(request));
    expect((await desk.harness.service.requestOf(request.id))?.state).toBe('cancelled');
    expect(texts()).toEqual([expect.stringMatching(/^Cancelled\..*was not archived/)]);
    expect(await desk.harness.denials()).toMatchObject([{ code: 'already_decided', detail: 'cancelled' }]);
    expect(desk.acks).toHaveLength(2);
  });

  it('does not cancel another person’s request', async () => {
    const request = await planned();
    await close(stateOf(request), BOB);
    expect((await desk.harness.service.requestOf(request.id))?.state).toBe('planned');
    expect(await desk.harness.denials()).toMatchObject([
      { code: 'not_yours', user: BOB, requestId: request.id },
    ]);
    expect(desk.notices).toMatchObject([{ user: BOB }]);
  });

  it('after the confirmation changes nothing, is recorded, and the person is notified', async () => {
    const request = await desk.harness.archive(trainingId);
    await close(stateOf(request));
    expect(texts()).toEqual([expect.stringMatching(/confirmed before you closed.*Toloka is archiving/)]);
    expect(await desk.harness.denials()).toMatchObject([
      { code: 'already_decided', trainingId, requestId: request.id },
    ]);
  });

  it('of a request that is not in the journal is denied', async () => {
    await close(stateOf({ ...(await planned()), id: 'gone' }));
    expect(await desk.harness.denials()).toMatchObject([{ code: 'request_unknown', requestId: 'gone' }]);
    expect(desk.notices).toHaveLength(1);
  });

  it.each([...ODD_STATES, ASKED_NOTHING])('that asked nothing (%j) needs no reply', async (metadata) => {
    await close(metadata);
    expect([desk.acks.length, desk.notices, await desk.harness.denials()]).toEqual([1, [], []]);
  });
});

it('the picker’s search is allowed when Slack says no team of the person, only of the modal', async () => {
  const metadata = writeModalState({ environment: 'production', channel: GENERAL, items: [] });
  const view = { type: 'modal', private_metadata: metadata };
  const body = { user: { id: ALICE }, team: { id: 'T0TEAM' }, view, value: trainingId };
  await trainingOptionsHandler(desk.deps)({ ack: desk.ack as never, body: body as never });
  expect(desk.acks).toMatchObject([{ options: [expect.anything()] }]);
  expect(await desk.harness.denials()).toEqual([]);
});

describe('the card’s Try again', () => {
  const click = async (value: unknown, user = ALICE) =>
    retryHandler(desk.deps)({
      ack: desk.ack as never,
      body: { ...clickBody(user), trigger_id: await triggerOf(desk.harness) } as never,
      action: { type: 'button', action_id: 'archive_retry', value } as never,
    });
  const modal = () => desk.harness.workspace.modalOf(ALICE);

  it('of a request that is not in the journal gets a truthful answer, and is recorded', async () => {
    await click('gone');
    expect(await desk.harness.denials()).toMatchObject([{ code: 'request_unknown', requestId: 'gone' }]);
    expect(texts()).toEqual([expect.stringMatching(/not in the app’s records/)]);
  });

  it.each([undefined, '', true, { id: 1 }, 'x'.repeat(101)])(
    'with the value %j is denied as stale',
    async (value) => {
      await click(value);
      expect(codesOf(await desk.harness.denials())).toEqual(['stale_click']);
      expect(desk.notices).toHaveLength(1);
    },
  );

  it('of a card with nothing left to try again says so', async () => {
    const { service, actor, account, settle } = desk.harness;
    async function archive(...targets: { trainingId: string; retryOf?: string }[]): Promise<string[]> {
      const asked = await service.ask(
        actor,
        targets.map((target) => ({ environment: 'production', ...target })),
      );
      const requests =
        asked.kind === 'denied' ? [] : asked.each.map((one) => 'request' in one && one.request);
      const planned = requests.filter((one) => one !== false);
      await (await service.confirm(actor, planned.map(shownOf), 'no longer used')).done;
      for (const { id } of planned) await settle(id);
      return planned.map(({ id }) => id);
    }
    for (const id of ['900001', '900002']) account.addTraining({ id, project_id: '74175', status: 'CLOSED' });
    account.faults.add({ method: 'POST', trainingId: '900002', fault: { kind: 'status', status: 409 } });
    const [first = '', second = ''] = await archive({ trainingId: '900001' }, { trainingId: '900002' });
    await archive({ trainingId: '900002', retryOf: second });
    await click(first);
    expect(await desk.harness.denials()).toMatchObject([
      { code: 'nothing_to_retry', requestId: second, trainingId: '900002' },
    ]);
    expect(texts()).toEqual([expect.stringMatching(/left to try again.*new card/)]);
  });

  it('is answered in private when Slack opens no modal', async () => {
    const { id } = await desk.harness.archive(trainingId);
    const { faults } = desk.harness.workspace;
    faults.add({ kind: 'error', method: 'views.open', error: 'expired_trigger_id' });
    await click(id);
    expect(texts()).toEqual([expect.stringMatching(/did not open the window for training \d+ \(.*expired/)]);
    // The plan is read while Slack opens the modal, so what it said is recorded as well.
    expect(codesOf(await desk.harness.denials()).sort()).toEqual(['already_open', 'modal_not_opened']);
  });

  it.each([
    [ALICE, '"initial_value":"no longer used"'],
    [BOB, '"action_id":"reason_text"'],
  ])('by %s: the reason is filled in for the person who gave it only', async (user, expected) => {
    desk.harness.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
    const { id } = await desk.harness.archive(trainingId);
    await click(id, user);
    const { items } = readModalState(modal()?.private_metadata ?? '') ?? {};
    expect(items).toMatchObject([{ trainingId, retryOf: id, requestId: expect.any(String) }]);
    expect(textOf(modal()?.blocks)).toContain(expected);
    expect(textOf(modal()?.blocks).includes('no longer used')).toBe(user === ALICE);
  });
});

describe('the Try again of a batch that has nothing to try again', () => {
  it.each([
    ['T0TEAM', 'nothing_to_retry', /left to try again/],
    ['T9OTHER', 'other_workspace', /belongs to another workspace/],
  ])('by somebody of %s: %s', async (team_id, code, words) => {
    const { service, actor } = desk.harness;
    const other = String(desk.harness.account.addTraining({ project_id: '74175', status: 'CLOSED' }).id);
    const asked = await service.ask(
      actor,
      [trainingId, other].map((id) => ({ ...TARGET, trainingId: id })),
    );
    const each = asked.kind === 'answers' ? asked.each : [];
    const requests = each.flatMap((one) => (one.kind === 'planned' ? [one.request] : []));
    const shown = requests.map(({ id, plan }) => ({ requestId: id, fingerprint: plan.fingerprint }));
    await (await service.confirm(actor, shown, 'r')).done;
    await retryHandler(desk.deps)({
      ack: desk.ack as never,
      body: { ...clickBody(BOB), user: { id: BOB, team_id }, trigger_id: 'x' } as never,
      action: { type: 'button', action_id: 'archive_retry', value: requests[0]?.id } as never,
    });
    expect(texts()).toEqual([expect.stringMatching(words)]);
    expect(codesOf(await desk.harness.denials())).toEqual([code]);
  });
});

describe('the modal’s Check again', () => {
  it.each(ODD_STATES)('with the state %j is denied as stale', async (metadata) => {
    await checkAgainHandler(desk.deps)({
      ack: desk.ack as never,
      body: { ...clickBody(), view: { id: 'V1', private_metadata: metadata } } as never,
    });
    expect(codesOf(await desk.harness.denials())).toEqual(['stale_click']);
    expect(desk.notices).toMatchObject([{ user: ALICE, text: expect.stringMatching(/older version/) }]);
  });
});

import type { FaultKind } from '../../fakes/slack';
import { createNotify } from '../../src/slack/notify';
import { ALICE, createFakes, ELSEWHERE, type Fakes, GENERAL } from '../support/harness';
import { clientOf } from './support';

let fakes: Fakes;
beforeEach(async () => {
  fakes = await createFakes();
});
afterEach(() => fakes.close());

function createNotifier() {
  const pauses: number[] = [];
  const errors: string[] = [];
  const notify = createNotify({
    client: clientOf(fakes),
    sleep: async (ms) => void pauses.push(ms),
    logger: { error: (message) => void errors.push(message) },
  });
  return { notify, pauses, errors };
}
const received = () => fakes.workspace.ephemerals(ALICE).map(({ text }) => text);

it.each<FaultKind>(['status', 'ratelimited', 'reset', 'html'])('tries again after %s', async (kind) => {
  fakes.workspace.faults.add({ kind, method: 'chat.postEphemeral', times: 3 });
  const { notify, pauses, errors } = createNotifier();
  await notify({ user: ALICE, channel: GENERAL }, 'a message');
  expect(received().at(-1)).toBe('a message');
  expect([pauses.length, errors]).toEqual([3, []]);
});

it('waits as long as Slack asks', async () => {
  fakes.workspace.faults.add({ kind: 'ratelimited', method: 'chat.postEphemeral', retryAfter: 30 });
  const { notify, pauses } = createNotifier();
  await notify({ user: ALICE, channel: GENERAL }, 'a message');
  expect(pauses).toEqual([30_000]);
});

it('gives up after half a minute, and logs it', async () => {
  fakes.workspace.faults.add({
    ...{ kind: 'status', method: 'chat.postEphemeral', times: Number.POSITIVE_INFINITY },
  });
  const { notify, pauses, errors } = createNotifier();
  await notify({ user: ALICE, channel: GENERAL }, 'a message');
  expect(received()).toEqual([]);
  expect([pauses.reduce((sum, ms) => sum + ms, 0), errors]).toEqual([33_000, ['not notified']]);
});

it.each([ELSEWHERE, 'C99GONE'])(
  'sends a direct message when %s is no channel of the app',
  async (channel) => {
    const { notify, pauses, errors } = createNotifier();
    await notify({ user: ALICE, channel }, 'a message');
    const posts = fakes.workspace.calls.filter(({ method, ok }) => method === 'chat.postMessage' && ok);
    expect(posts.map(({ args }) => [args['channel'], args['text']])).toEqual([[ALICE, 'a message']]);
    expect([received(), pauses, errors]).toEqual([[], [], []]);
  },
);

it('never throws, whatever Slack refuses', async () => {
  fakes.workspace.faults.add({ kind: 'error', error: 'token_revoked', times: Number.POSITIVE_INFINITY });
  const { notify, pauses, errors } = createNotifier();
  await notify({ user: ALICE, channel: GENERAL }, 'a message');
  expect([pauses, errors]).toEqual([[], ['not notified']]);
});

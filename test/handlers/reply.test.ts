import { withReply } from '../../src/handlers/reply';
import { ALICE, GENERAL, textOf } from '../support/harness';
import { clickBody, codesOf, createDesk, type Desk } from './support';

let desk: Desk;
beforeEach(async () => {
  desk = await createDesk();
});
afterEach(() => desk.harness.close());

const receive = (body: object, next: () => Promise<void> = async () => {}) =>
  withReply(desk.deps)({ body, ack: desk.ack, next } as never);
const fails = async () => {
  throw new Error('the disk is full');
};
const command = { command: '/toloka-archive', user_id: ALICE, channel_id: GENERAL };
const click = (action_id: string) => ({ type: 'block_actions', ...clickBody(), actions: [{ action_id }] });
const view = (type: string, callback_id: string) => ({ type, user: { id: ALICE }, view: { callback_id } });

describe('when a handler fails', () => {
  it.each([
    ['a command', command, GENERAL],
    ['a click', click('archive_retry'), GENERAL],
    ['a submit', view('view_submission', 'archive_modal'), ALICE],
    ['a close', view('view_closed', 'archive_modal'), ALICE],
  ])('the person is notified: %s', async (_name, body, channel) => {
    await receive(body, fails);
    expect(desk.notices).toEqual([{ user: ALICE, channel, text: expect.stringMatching(/went wrong/) }]);
    expect(desk.harness.log.join()).toContain('the disk is full');
  });

  it.each([command, click('archive_retry')])('the reply goes to its own address: %j', async (body) => {
    const replies: unknown[] = [];
    const respond = async (reply: object) => void replies.push(reply);
    await withReply(desk.deps)({ body, ack: desk.ack, next: fails, respond } as never);
    const text = expect.stringMatching(/went wrong/);
    expect(replies).toEqual([{ response_type: 'ephemeral', replace_original: false, text }]);
    expect(desk.notices).toEqual([]);
  });

  it('because the acknowledgement was lost, Slack delivers it again', async () => {
    const lost = Object.assign(new Error('lost'), { code: 'slack_socket_mode_send_error' });
    await expect(receive(command, () => Promise.reject(lost))).rejects.toBe(lost);
    expect(desk.notices).toEqual([]);
  });

  it.each([{}, { user: null }, { type: 'block_actions' }, { type: 'view_submission', view: null }])(
    'of %j, which names nobody, it is logged',
    async (body) => {
      await receive(body, fails);
      expect(desk.notices).toEqual([]);
    },
  );
});

describe('what no handler knows', () => {
  it('a button: acknowledged, denied, and the person is notified', async () => {
    await receive(click('of_long_ago'), fails);
    expect(desk.acks).toHaveLength(1);
    expect(await desk.harness.denials()).toMatchObject([
      { code: 'stale_click', user: ALICE, channel: GENERAL },
    ]);
    expect(desk.notices).toMatchObject([{ channel: GENERAL, text: expect.stringMatching(/older version/) }]);
  });

  it('a modal: says so there', async () => {
    await receive(view('view_submission', 'old_modal'), fails);
    expect(textOf(desk.acks)).toMatch(/older version/);
    expect([codesOf(await desk.harness.denials()), desk.notices]).toEqual([['stale_click'], []]);
  });

  it('a modal that is closed: acknowledged', async () => {
    await receive(view('view_closed', 'old_modal'), fails);
    expect([desk.acks.length, desk.notices, await desk.harness.denials()]).toEqual([1, [], []]);
  });
});

it.each([
  command,
  click('archive_retry'),
  click('archive_check_again'),
  view('view_submission', 'archive_modal'),
  view('view_closed', 'archive_modal'),
  { type: 'event_callback', event: {} },
])('lets through what a handler knows: %j', async (body) => {
  let passed = 0;
  await receive(body, async () => void passed++);
  expect([passed, desk.acks, desk.notices]).toEqual([1, [], []]);
});

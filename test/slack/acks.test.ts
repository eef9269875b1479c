import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { reportAcks, type SlackAck } from '../../src/slack/acks';

/** The reports of an event that is acknowledged 2.5 s after it has arrived. */
async function reportsOf(body: Record<string, unknown>, ack: () => Promise<void> = async () => {}) {
  const reports: SlackAck[] = [];
  const given: Receiver & { app?: App } = {
    init(app) {
      given.app = app;
    },
    start: async () => {},
    stop: async () => {},
  };
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000);
  const app = {
    processEvent: async (event: ReceiverEvent) => {
      clock.mockReturnValue(3_500);
      expect(reports).toEqual([]);
      await event.ack();
    },
  };
  reportAcks(given, (report) => reports.push(report)).init(app as App);
  const outcome = await given.app?.processEvent({ body, ack }).catch((error: Error) => error.message);
  clock.mockRestore();
  return { outcome, reports };
}

it.each([
  [{ command: '/toloka-archive' }, 'command'],
  [{ type: 'block_actions' }, 'block_actions'],
  [{ type: 'view_submission' }, 'view_submission'],
  [{ type: 'block_suggestion' }, 'block_suggestion'],
])('the acknowledgement of %j is reported once it was sent', async (body, kind) => {
  expect(await reportsOf(body)).toEqual({ outcome: undefined, reports: [{ kind, seconds: 2.5 }] });
});

it.each([{ type: 'event_callback' }, { type: 'U01ALICE' }, {}])('that of %j is not', async (body) => {
  expect((await reportsOf(body)).reports).toEqual([]);
});

it('one that could not be sent is not reported, and fails as before', async () => {
  const lost = () => Promise.reject(new Error('lost'));
  expect(await reportsOf({ command: '/toloka-archive' }, lost)).toEqual({ outcome: 'lost', reports: [] });
});

import type { App, Receiver, ReceiverEvent } from '@slack/bolt';

/** What people do that Slack shows as failed when it is not acknowledged within three seconds, as Slack calls it. */
export const ACK_KINDS = [
  'command',
  'shortcut',
  'block_actions',
  'block_suggestion',
  'view_submission',
  'view_closed',
] as const;

export interface SlackAck {
  kind: (typeof ACK_KINDS)[number];
  /** From the arrival of a command or click until its acknowledgement was sent. */
  seconds: number;
}
export type OnAck = (ack: SlackAck) => void;

/** The same receiver, which reports each acknowledgement. */
export const reportAcks = (receiver: Receiver, onAck: OnAck): Receiver => ({
  init: (app) =>
    receiver.init({ processEvent: (event) => app.processEvent(timed(event, onAck)) } as Pick<
      App,
      'processEvent'
    > as App),
  start: () => receiver.start(),
  stop: () => receiver.stop(),
});

function timed(event: ReceiverEvent, onAck: OnAck): ReceiverEvent {
  const type = 'command' in event.body ? 'command' : event.body['type'];
  const kind = ACK_KINDS.find((one) => one === type);
  if (kind === undefined) return event;
  const began = performance.now();
  const ack: ReceiverEvent['ack'] = async (answer) => {
    await event.ack(answer);
    onAck({ kind, seconds: (performance.now() - began) / 1000 });
  };
  return { ...event, ack };
}

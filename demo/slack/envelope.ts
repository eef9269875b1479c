/** One thing that Slack delivers to the app, whichever way it travels, and what comes back. */
import type { Obj } from './types';

export interface Envelope {
  readonly id: string;
  readonly type: 'slash_commands' | 'interactive' | 'events_api';
  readonly payload: Obj;
}

export interface Ack {
  readonly acked: boolean;
  /** What the app put into its ack; `{}` when nothing. */
  readonly payload?: Obj;
  /** What Slack would show: no answer in time, or no way to reach the app. */
  readonly error?: 'operation_timeout' | 'dispatch_failed';
  /** HTTP delivery only. */
  readonly status?: number;
}

export const NO_ANSWER: Ack = { acked: false, error: 'dispatch_failed' };

/** How an HTTP delivery is signed; all but `good` must be refused by the app. */
export type Signature = 'good' | 'none' | 'bad' | 'stale';

/** Something that Slack delivers to the app, over Socket Mode or HTTP, and what comes back. */
import type { Obj } from './types';

export interface Envelope {
  readonly id: string;
  readonly type: 'slash_commands' | 'interactive' | 'events_api';
  readonly payload: Obj;
}

export interface Ack {
  readonly acked: boolean;
  /** What the app put into its ack; `{}` if nothing. */
  readonly payload?: Obj;
  /** What Slack would show: no answer in time, or no way to reach the app. */
  readonly error?: 'operation_timeout' | 'dispatch_failed';
  /** HTTP delivery only. */
  readonly status?: number;
  /** The connections or addresses that this copy went to, in order. There are several if the first one was lost. */
  readonly sent?: readonly Sent[];
}

/** One transmission of an envelope. Not visible to the app. */
export interface Sent {
  readonly at: number;
  /** A Socket Mode connection's id or an HTTP address; null when there was no connection. */
  readonly to: string | null;
  ackedAt: number | null;
  /** HTTP delivery only: nobody listened at the address. */
  refused?: boolean;
}

export const NO_ANSWER: Ack = { acked: false, error: 'dispatch_failed' };

/** How an HTTP delivery is signed; all but `good` must be refused by the app. */
export type Signature = 'good' | 'none' | 'bad' | 'stale';

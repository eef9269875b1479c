import type { Refusal } from '../../src/archive/journal-port';
import type { AuditedRequest } from '../../src/journal/open-audit';

/** What a person did, and what Slack showed them for it. Times are epoch ms. */
export interface Act {
  kind: 'command' | 'submit' | 'close' | 'retry';
  user: string;
  trainingId: string;
  /** The request that the modal was about, where it had one. */
  requestId: string | null;
  at: number;
  acked: boolean;
  /** Slack's own word when nobody acknowledged in time. */
  error: string | null;
  afterMs: number;
  /** What Slack found wrong with the answer. */
  problems: string[];
  copies: number;
  /** What the person saw in the end: a plan, an answer, a private word; null when nothing ever came. */
  saw: string | null;
}

/** What the run did to the processes. `until` is when it was over: the process ran again, the new one was ready. */
export interface Disturbance {
  kind: 'kill' | 'stop' | 'disconnect' | 'drop';
  replica: number | null;
  at: number;
  until: number;
}

/** An archive POST as the account saw it arrive. */
export interface ArchivePost {
  trainingId: string;
  at: number;
  status: number | 'pending' | 'lost';
  /** The operation that it started, if it had an effect. */
  operationId: string | null;
  fault: string | null;
}

export interface CardInChannel {
  requestId: string;
  channel: string;
  ts: string;
  at: number;
  text: string;
  /** The app's own lines in its thread, oldest first. */
  lines: { seq: number; text: string }[];
}

export interface Ending {
  replica: number;
  /** Whether the run ended it on purpose. */
  meant: boolean;
  how: string;
}

/** An error that a process wrote into its log about somebody's act. */
export interface Logged {
  at: number;
  message: string;
  user: string;
}

/** All that the judge may look at: the fakes' own books, the journal, and what people saw. Plain JSON. */
export interface Evidence {
  requests: AuditedRequest[];
  refusals: Refusal[];
  /** What the check of the hash chains found. */
  findings: { requestId: string; message: string }[];
  posts: ArchivePost[];
  trainings: Record<string, string>;
  operations: Record<string, { status: string; trainingId: string }>;
  cards: CardInChannel[];
  acts: Act[];
  disturbances: Disturbance[];
  /** How each process ended. */
  endings: Ending[];
  logged: Logged[];
  /** Names of the secrets that were found in the output of a process. */
  leaks: string[];
}

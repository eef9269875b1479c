import type { ArchiveRequest, Denial } from '../../src/archive/request';
import type { AuditRecord } from '../../src/journal/audit';

export type AuditedEvent = AuditRecord['events'][number];

/*
 * Everything that the judge may look at: the books of the fake Slack and the fake Toloka, the journal, what people saw,
 * and what the run did to the processes. Plain JSON. Times are epoch milliseconds.
 */

/** One transmission of what a person did: to one process of the app, or to nobody. */
export interface Delivery {
  at: number;
  /** Null when no connection was open, or nobody listened at the address. */
  process: number | null;
  /** Socket Mode: the connection. */
  connection: string | null;
  /** HTTP: the replica that the address belongs to. */
  replica: number | null;
  ackedAt: number | null;
}

/** What a person saw in answer to an act. */
export interface Seen {
  /** `question`: a modal with an Archive button. `picker`: the modal in which trainings are chosen. `card`: in the channel. */
  how: 'question' | 'picker' | 'modal' | 'private' | 'card' | 'options';
  at: number;
  /** The blocks as JSON, or the message's text. */
  text: string;
}

/** One training that an act is about. */
export interface Item {
  trainingId: string;
  /** The request that the modal had for it, where it had one. For a command: the one that the answer names. */
  requestId: string | null;
  /** The fingerprint that the modal carried. */
  shown: string | null;
}

export type ApprovalKind = 'approve' | 'decline' | 'reason' | 'withdraw';

/** What a person did, and what Slack showed them for it. */
export interface Act {
  /**
   * `search` and `choice`: in the picker. A command without trainings opens that. `approve`, `decline` and `withdraw`: on
   * a card; `reason`: the one for declining.
   */
  kind: 'command' | 'search' | 'choice' | 'submit' | 'close' | 'retry' | 'pause' | 'resume' | ApprovalKind;
  user: string;
  channel: string;
  items: Item[];
  at: number;
  acked: boolean;
  /** Slack's own word when nobody acknowledged in time. */
  error: string | null;
  afterMs: number;
  /** What Slack found wrong with the answer. */
  problems: string[];
  deliveries: Delivery[];
  /** For a command and a retry: whether the app opened, or tried to open, a modal for it. */
  opened: boolean;
  /** For a submit: the plan on the screen at that moment. For a click on a card: the card. */
  plan: string | null;
  /** For an approval: the fingerprints that the button carried. */
  shown: string[];
  /** For a submit: what Slack was told to do with the modal. */
  response: string | null;
  /** For a submit: the modal was closed by the person while Slack waited for the acknowledgement. */
  closedMeanwhile: boolean;
  /** Null when nothing ever came. */
  saw: Seen | null;
  /** When the person stopped looking. */
  lookedUntil: number;
}

/** A process of the app, from its start to its end. */
export interface Life {
  process: number;
  replica: number;
  startedAt: number;
  /** When it logged that it was ready. */
  readyAt: number | null;
  /** When the run sent it SIGKILL. */
  killedAt: number | null;
  /** When the run sent it SIGTERM. */
  askedToEndAt: number | null;
  endedAt: number | null;
  /** A signal, or `code 0`. */
  how: string | null;
  /** From SIGSTOP to SIGCONT. */
  stops: { from: number; until: number }[];
}

/** A Socket Mode connection. */
export interface Connection {
  id: string;
  process: number | null;
  openedAt: number;
  closedAt: number | null;
  /** When the run dropped it, or had Slack ask the app for a new one. */
  cutAt: number | null;
}

/** An archive POST as the account saw it arrive. */
export interface ArchivePost {
  trainingId: string;
  process: number | null;
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
  /**
   * The app's own lines in its thread, oldest first. `sum`: above 0 for those that say how a batch ended. `call`: above 0
   * for those that ask the approvers of a batch once more.
   */
  lines: { seq: number; sum: number; call?: number; text: string }[];
}

/** A card that Slack took, whether or not it was deleted later. */
export interface CardPost {
  requestId: string;
  at: number;
}

/** An error that a process logged about one person's act. */
export interface Logged {
  process: number;
  at: number;
  message: string;
  user: string;
  trainingIds: string[];
  requestIds: string[];
}

/** A request with its whole history. */
export interface AuditedRequest extends ArchiveRequest {
  /** The hash of its last event. */
  head: string;
  events: AuditedEvent[];
}

/** When somebody was not in a user group. */
export interface Absence {
  user: string;
  from: number;
  until: number;
}

export interface Evidence {
  leaseMs: number;
  requests: AuditedRequest[];
  denials: Denial[];
  /** Oldest first. */
  pauses: { at: number; kind: 'paused' | 'resumed'; user: string }[];
  /** What the check of the hash chains found. */
  findings: { requestId: string; message: string }[];
  posts: ArchivePost[];
  trainings: Record<string, string>;
  /** What the account showed of each training, from which moment on. */
  trainingHistory: Record<string, { at: number; name: string; status: string }[]>;
  operations: Record<string, { status: string; trainingId: string }>;
  cards: CardInChannel[];
  cardPosts: CardPost[];
  /** The app's messages to one person. */
  messages: { user: string; at: number; text: string }[];
  acts: Act[];
  lives: Life[];
  connections: Connection[];
  /** Calls that ask Slack for a new connection and failed. */
  failedOpens: { process: number | null; at: number }[];
  /** From the group that may archive. */
  absences: Absence[];
  /** The environment in which other people must approve, how many, and when somebody was not in their group. */
  approvals: { environment: string; needed: number; absences: Absence[] };
  /** The channels in which archiving is allowed. */
  channels: readonly string[];
  logged: Logged[];
  /** When the app logged that Slack did not let it write the card of a request, or look for it. */
  unwritten: { requestId: string; at: number }[];
  /** Every text of the app that Slack formats and that has a part of a hostile name in it. */
  hostile: { where: string; text: string }[];
  /** Names of the secrets that were found in the output of a process. */
  leaks: string[];
}

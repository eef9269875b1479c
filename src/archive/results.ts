import type { Plan } from './plan-types';
import type { ArchiveRequest } from './request';

/** Who acts, and in which channel. Slack ids. */
export interface Actor {
  user: string;
  channel: string;
}

export interface Target {
  environment: string;
  trainingId: string;
}

/** The plan that somebody looked at when they clicked. */
export interface Shown {
  requestId: string;
  fingerprint: string;
}

/** A no, with a stable reason code. It is in the journal already. */
export interface Refused {
  kind: 'refused';
  code: string;
  message: string;
}

/** Another request for this training is under way; its card has the story. */
export interface AlreadyOpen {
  kind: 'already_open';
  request: ArchiveRequest;
}

export type Asked =
  | Refused
  | AlreadyOpen
  | { kind: 'blocked'; plan: Plan; changes: string[] }
  /** `repeated`: another delivery of the same click has met this plan first, and may have shown it. */
  | { kind: 'planned'; request: ArchiveRequest; changes: string[]; repeated?: true };

export type Confirmed =
  | Asked
  /** It was confirmed, or cancelled, before: this click changed nothing. */
  | { kind: 'settled_before'; request: ArchiveRequest }
  /** It is in the journal, and went as far as `request.state` says. */
  | { kind: 'confirmed'; request: ArchiveRequest };

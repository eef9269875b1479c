import type { Drift, Plan } from './plan';
import type { PolicyDenial } from './policy';
import type { ArchiveRequest, Pause } from './request';

// What the use case answers. The words for people are in `messages/`.

export interface Target {
  environment: string;
  trainingId: string;
}

export interface Wanted extends Target {
  /** The ID of the request that is repeated. */
  retryOf?: string | undefined;
}

/** The plan that somebody looked at when they clicked. */
export interface Shown {
  requestId: string;
  fingerprint: string;
}

/** Why something was denied. Recorded already. */
export type DenialCode =
  | PolicyDenial
  | 'direct_message'
  | 'environment_not_set'
  | 'already_open'
  | 'already_decided'
  | 'request_unknown'
  | 'not_yours'
  | 'plan_drifted'
  | 'plan_expired'
  | 'too_many_watches'
  | 'watch_unknown'
  | 'paused'
  | 'too_few_approvers';

export interface Denied {
  kind: 'denied';
  code: DenialCode;
  /** Who paused archiving, where that is the reason. */
  pause?: Pause;
}

/** What is known about one training. */
export type Asked =
  | Denied
  /** Another request for this training is in progress. */
  | { kind: 'already_open'; request: ArchiveRequest }
  /** `notInChannel`: the app cannot post the card there. */
  | { kind: 'blocked'; plan: Plan; changes: Drift[]; notInChannel?: boolean }
  /** `changes`: how it differs from the plan that was confirmed; empty for a first plan. */
  | { kind: 'planned'; request: ArchiveRequest; changes: Drift[]; repeated?: true };

/** What a confirmation brought for one training. */
export type Confirmed =
  | Asked
  /** It was confirmed or cancelled earlier, so this click changed nothing. */
  | { kind: 'already_decided'; request: ArchiveRequest }
  /** It is recorded, and got as far as `request.state` says: its card is in the channel, or it has ended. */
  | { kind: 'confirmed'; request: ArchiveRequest };

/** The answers for each training, in order; or one for all of them. */
export type Answers<A> = { kind: 'answers'; each: A[] } | Denied;

/** What a confirmation brought. `done`: resolves when what it began has got as far as it can without waiting for Toloka. */
export type Confirmation = Answers<Confirmed> & { done: Promise<unknown> };

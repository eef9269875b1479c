/** What Toloka says of a training, in the words of the use case. Times are epoch milliseconds. */
export interface TrainingFacts {
  id: string;
  projectId: string;
  name: string;
  /** OPEN, CLOSED, ARCHIVED, LOCKED, or a word that Toloka added later. */
  status: string;
  lastCloseReason: string | null;
  created: number | null;
  url: string;
}

/** A main pool that is not archived and names the training in its requirement, or inherits it from its project. */
export interface LinkedPool {
  id: string;
  name: string;
  status: string;
  url: string;
  /** Where the link stands: on the pool itself or on its project. */
  linkedBy: 'pool' | 'project';
}

export type BlockerCode =
  | 'not_closed'
  | 'locked'
  | 'pools_not_archived'
  | 'already_archived'
  | 'not_found'
  | 'no_access';

/** Something known that stands in the way. Which pools: see `Plan.pools`. */
export interface Blocker {
  code: BlockerCode;
}

/**
 * What would be archived and what stands in the way, as read from Toloka at one moment. `training` is null when it
 * could not be read: either a blocker says why (not found, no access), or `unavailable` does (Toloka did not answer),
 * and then the person may still go on, since Toloka checks for itself.
 */
export interface Plan {
  environment: string;
  trainingId: string;
  training: TrainingFacts | null;
  projectName: string | null;
  projectLinksTraining: boolean;
  pools: LinkedPool[];
  blockers: Blocker[];
  /** Why a part of the preflight could not be made; null when all of it was. */
  unavailable: string | null;
  fingerprint: string;
  /** Epoch milliseconds. */
  readAt: number;
}

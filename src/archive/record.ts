import { LeaseLostError, OpenRequestExistsError } from './errors';
import type { Deps, Operation, SubmitResult } from './ports';
import type { ArchiveRequest, Lease } from './request';
import { CALLS_IN_A_LEASE, PROGRESS_EVERY_MS } from './timing';
import { type Change, isAllowed } from './transitions';

const LATE_RETRY_MS = 1_000;

/**
 * A request with the lease under which it may be written. Its delivery may be ahead of the journal: the end of each
 * step writes it.
 */
export interface Leased {
  request: ArchiveRequest;
  lease: Lease;
  /**
   * Whether the journal knows of the lease: not before the first change, which takes it with the same write, and not
   * after a change that gave it back. Each saves a write to the disk. @default 'held'
   */
  hold?: 'to_take' | 'held' | 'given_back';
}

export const newLease = ({ clock, newId, limits, owner }: Deps): Lease => ({
  token: `${owner} ${newId()}`,
  until: clock.now() + limits.leaseMs,
});

/** Takes requests that are due, or these. @see Journal */
export const claim = (deps: Deps, which: { limit: number; ids?: string[] }): Promise<ArchiveRequest[]> =>
  deps.journal.claim({ now: deps.clock.now(), ...newLease(deps), ...which });

/**
 * Must come before anything is written to Slack. Slack knows no lease, so only a worker whose lease lasts as long as
 * the call may take can be sure that no other worker writes at the same time.
 * @throws LeaseLostError
 */
export function ensureTimeToWrite({ clock, limits }: Deps, { until }: Lease): void {
  if (clock.now() + limits.leaseMs / CALLS_IN_A_LEASE <= until) return;
  throw new LeaseLostError('Too little of the lease is left to write to Slack; nothing was written.');
}

/**
 * Applies a change to a leased request and logs it.
 * @param options.until extends the lease to this moment (epoch ms) with the same write
 * @param options.release gives the lease back with the same write: nothing is left to do now
 * @throws LeaseLostError, RequestChangedError, or PausedError for `submitting`
 */
export async function record(
  deps: Deps,
  leased: Leased,
  change: Change,
  { until = leased.lease.until, release = false }: { until?: number; release?: boolean } = {},
): Promise<Leased> {
  const { id, version, publishTries, trainingId: training, environment, state: from } = leased.request;
  const lease = { ...leased.lease, until };
  const fence = { id, version, at: deps.clock.now(), actor: 'app', take: lease, release };
  // Without a lease, another worker may have published it since it was read.
  const held = leased.hold === 'to_take' ? { publishTries } : { lease: leased.lease };
  const request = await deps.journal.advance({ ...fence, ...held }, change);
  deps.logger.info('request changed', {
    ...{ request: id, training, environment, from, to: request.state, event: change.kind },
    ...('outcome' in change && { outcome: change.outcome }),
    ...('operationId' in change && { operation: change.operationId }),
  });
  return { request, lease, hold: release ? 'given_back' : 'held' };
}

/** Records what the POST brought. @throws LeaseLostError when another worker may have recorded an outcome by now */
export function recordOutcome(deps: Deps, leased: Leased, result: SubmitResult): Promise<Leased> {
  switch (result.kind) {
    case 'accepted':
      return recordOperation(deps, leased, result.operation, 'accepted');
    case 'already_archived':
      return record(deps, leased, {
        kind: 'succeeded',
        outcome: { code: 'already_archived', httpStatus: 204 },
      });
    case 'refused':
      return record(deps, leased, { kind: 'refused', outcome: result.outcome });
    case 'not_sent':
      return record(deps, leased, { kind: 'not_started', outcome: result.outcome });
    case 'unknown':
      return record(deps, leased, { kind: 'outcome_unknown', outcome: result.outcome });
  }
}

/**
 * Handles the answer to a POST that came after the lease ran out. It records no outcome, but reopens the question when
 * the outcome is doubted, or the journal says that nothing was sent, so that a worker looks it up.
 */
export async function recordLateAnswer(deps: Deps, id: string, result: SubmitResult): Promise<void> {
  if (result.kind === 'refused' || result.kind === 'not_sent') return;
  const { journal, clock, limits, sleep, logger } = deps;
  const operationId = result.kind === 'accepted' ? result.operation.id : undefined;
  let failure: unknown;
  // A worker that looks the request up at this moment may have read Toloka before the POST arrived. Wait for its lease.
  for (const until = clock.now() + 2 * limits.leaseMs; clock.now() <= until; await sleep(LATE_RETRY_MS)) {
    try {
      const request = await journal.get(id);
      if (request === undefined || !isAllowed('late_evidence', request.state)) return;
      const take = newLease(deps);
      const fence = { id, version: request.version, at: clock.now(), actor: 'app', take };
      await journal.advance(fence, { kind: 'late_evidence', ...(operationId && { operationId }) });
      return await journal.release(id, take);
    } catch (error) {
      failure = error;
      // Another request for the training is open already. It looks the same outcome up before it sends anything.
      if (error instanceof OpenRequestExistsError) break;
    }
  }
  logger.error('late answer to an archive request not recorded', {
    request: id,
    operation: operationId,
    error: failure,
  });
}

/** Whether Toloka has finished the operation. */
export const hasEnded = ({ status }: Operation): boolean => status === 'SUCCESS' || status === 'FAIL';

/**
 * Records what an operation says, whether it came with the answer to the POST, from a poll or from a search.
 * @param found the event to write when the request was not known to be running
 * @throws LeaseLostError
 */
export async function recordOperation(
  deps: Deps,
  leased: Leased,
  operation: Operation,
  found: 'accepted' | 'found_running',
): Promise<Leased> {
  const { id: operationId, status, progress, said } = operation;
  const { request } = leased;
  if (status === 'SUCCESS') return record(deps, leased, { kind: 'succeeded', operationId });
  if (status === 'FAIL') {
    const outcome = { code: 'OPERATION_FAILED', ...(said !== null && { said }) };
    return record(deps, leased, { kind: 'failed', operationId, outcome });
  }
  const now = deps.clock.now();
  // All running operations of an account are polled together. A request itself is due only at its deadline.
  const stepAt = (request.submittedAt ?? now) + deps.limits.deadlineMs;
  if (request.state !== 'running') {
    // Most archives take a second or two, so the card goes on to the outcome, or to the progress a little later.
    const release = found === 'accepted';
    return record(deps, leased, { kind: found, operationId, progress, stepAt }, { release });
  }
  const publishAt = request.publishAt ?? (progress === request.progress ? null : now + PROGRESS_EVERY_MS);
  return { ...leased, request: { ...request, progress, stepAt, stepTries: 0, publishAt } };
}

import { awaitApproval } from './approval';
import { LeaseLostError, RequestChangedError } from './errors';
import type { Deps, Operation } from './ports';
import { publish, repairDuplicates } from './publish';
import { isPastDeadline, markUnknown, reconcile } from './reconcile';
import { type Leased, newLease, recordOperation } from './record';
import { type ArchiveRequest, deliverySchema, isOpen } from './request';
import { type Confirming, submit } from './submit';
import { backoff } from './timing';

/** How many requests are worked on at once. The rest follow when there is room. */
export const BATCH = 50;

/** One request that goes wrong must not stop the others. Returns whether the step was taken. */
export async function runSafely(
  deps: Deps,
  request: ArchiveRequest,
  operation?: Operation,
): Promise<boolean> {
  try {
    return (await runStep(deps, request, { operation })) !== undefined;
  } catch (error) {
    deps.logger.error('step failed; it is tried again later', { request: request.id, error });
    return false;
  }
}

interface StepOptions extends Partial<Confirming> {
  /** Its operation, as read a moment ago. */
  operation?: Operation | undefined;
}

/**
 * Takes a request one step towards its end, brings its card up to date and gives its lease back. A request without a
 * lease is taken with the first change. Returns the request after that; undefined when another worker has it.
 * @throws what the journal throws; the request is tried again later
 */
export async function runStep(
  deps: Deps,
  claimed: ArchiveRequest,
  options: StepOptions = {},
): Promise<ArchiveRequest | undefined> {
  const { journal, clock, logger } = deps;
  const { id, lease, publishTries } = claimed;
  let leased: Leased = lease
    ? { request: claimed, lease }
    : { request: claimed, lease: newLease(deps), hold: 'to_take' };
  try {
    leased = await takeStep(deps, leased, options);
    if (leased.hold === 'given_back' || leased.hold === 'to_take') return leased.request;
    const published = await publish(deps, leased, publishTries === 0);
    const delivery = { ...deliverySchema.parse(leased.request), ...published };
    const { version } = leased.request;
    return await journal.note(id, leased.lease, clock.now(), delivery, { release: true, version });
  } catch (error) {
    const isLost = error instanceof LeaseLostError || error instanceof RequestChangedError;
    // Another worker has the request: it was never this one's.
    if (isLost && leased.hold === 'to_take') return undefined;
    if (!isLost) await postpone(deps, leased);
    await journal.release(id, leased.lease);
    if (!isLost) throw error;
    logger.warn('request taken over by another worker', { request: id, error });
  }
  await repairDuplicates(deps, id);
  return undefined;
}

async function takeStep(
  deps: Deps,
  leased: Leased,
  { fresh = false, onCard, operation }: StepOptions,
): Promise<Leased> {
  const { state, stepAt, createdAt } = leased.request;
  const submittedAt = leased.request.submittedAt ?? createdAt;
  const isDue = stepAt !== null && stepAt <= deps.clock.now();
  if (!isOpen(state) || !(isDue || operation)) return leased;
  switch (state) {
    case 'awaiting_approval':
      return awaitApproval(deps, leased, { fresh, onCard });
    case 'confirmed':
      return submit(deps, leased, { fresh, onCard });
    case 'submitting':
    case 'unknown':
      return reconcile(deps, leased);
    case 'running':
      if (operation) return recordOperation(deps, leased, operation, 'found_running');
      if (isPastDeadline(deps, leased.request)) return markUnknown(deps, leased, 'deadline');
      // The deadline was set later meanwhile.
      return { ...leased, request: { ...leased.request, stepAt: submittedAt + deps.limits.deadlineMs } };
    default:
      return leased;
  }
}

/**
 * An error of this app or its journal would come again at once, so the request waits, longer each time. It is read again
 * first, because the journal may have written a change although its answer was lost.
 */
async function postpone(
  { journal, clock, random, logger }: Deps,
  { request: { id }, lease }: Leased,
): Promise<void> {
  try {
    const request = await journal.get(id);
    if (request === undefined) return;
    const now = clock.now();
    const stepTries = request.stepTries + 1;
    const at = now + backoff(stepTries, random);
    const later = (due: number | null) => (due !== null && due <= at ? at : due);
    const { touched, shown, version } = request;
    const publishAt = touched === shown ? later(request.publishAt) : at;
    const unpublishedSince = publishAt === null ? null : (request.unpublishedSince ?? now);
    const delivery = {
      stepTries,
      stepAt: later(request.stepAt),
      publishAt,
      unpublishedSince,
      shown: touched,
    };
    await journal.note(id, lease, now, delivery, { version });
  } catch (error) {
    logger.warn('request not postponed', { request: id, error });
  }
}

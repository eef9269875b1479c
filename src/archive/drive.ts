import { LeaseLostError, RequestChangedError } from './errors';
import type { Parts } from './parts';
import { publish } from './publish';
import { pastDeadline, reconcile } from './reconcile';
import { type ArchiveRequest, isOpen } from './request';
import { type Held, move, settleOperation } from './settle';
import { submit } from './submit';
import { tidy } from './tidy';
import { backoff } from './timing';
import type { OperationFacts } from './toloka-port';

/** Operations that were read for many requests at once, by operation id. */
export type ReadOperations = ReadonlyMap<string, OperationFacts>;

/**
 * Takes a request that this worker holds one step towards its end, brings its card up to date and gives the lease
 * back. Returns how it stands then; undefined when the lease was lost on the way.
 */
export async function drive(
  parts: Parts,
  claimed: ArchiveRequest,
  { fresh = false, read = new Map() }: { fresh?: boolean; read?: ReadOperations } = {},
): Promise<ArchiveRequest | undefined> {
  if (claimed.lease === null) throw new Error(`Request ${claimed.id} is driven without a lease`);
  let held: Held = { request: claimed, lease: claimed.lease };
  try {
    held = await step(parts, held, fresh, read);
    return await publish(parts, held.request, held.lease);
  } catch (error) {
    if (!(error instanceof LeaseLostError || error instanceof RequestChangedError)) {
      await putOff(parts, held);
      throw error;
    }
    parts.logger.warn('request taken over by another worker', { request: claimed.id, error });
  } finally {
    await parts.journal.release(claimed.id, held.lease);
  }
  await tidy(parts, claimed.id);
  return undefined;
}

/** One request gone wrong must not stop the others. Says whether it went through. */
export async function driveSafely(
  parts: Parts,
  request: ArchiveRequest,
  options: { read?: ReadOperations } = {},
): Promise<boolean> {
  try {
    await drive(parts, request, options);
    return true;
  } catch (error) {
    parts.logger.error('step failed; it is tried again later', { request: request.id, error });
    return false;
  }
}

/** What fails with an error of this app or its journal would fail again at once, and again: it waits, longer each time. */
async function putOff({ journal, clock, random }: Parts, { request, lease }: Held): Promise<void> {
  const now = clock.now();
  const stepTries = request.stepTries + 1;
  const at = now + backoff(stepTries, random);
  const late = (due: number | null) => due !== null && due <= at;
  const patch = {
    ...(late(request.stepAt) && { stepAt: at }),
    ...(late(request.publishAt) && { publishAt: at }),
  };
  await journal.note(request.id, lease, now, { stepTries, ...patch }).catch(() => {});
}

function step(parts: Parts, held: Held, fresh: boolean, read: ReadOperations): Promise<Held> {
  const { request } = held;
  const seen = request.operationId !== null && read.has(request.operationId);
  const due = request.stepAt !== null && request.stepAt <= parts.clock.now();
  if (!isOpen(request.state) || !(due || seen)) return Promise.resolve(held);
  switch (request.state) {
    case 'confirmed':
      return submit(parts, held, fresh);
    case 'submitting':
    case 'unknown':
      return reconcile(parts, held);
    case 'running':
      return poll(parts, held, read);
    default:
      return Promise.resolve(held);
  }
}

/** What the watch has read settles it; else it is due by itself, because the deadline has come. */
async function poll(parts: Parts, held: Held, read: ReadOperations): Promise<Held> {
  const { operationId } = held.request;
  const known = operationId === null ? undefined : read.get(operationId);
  if (known !== undefined) return settleOperation(parts, held, known, 'found_running');
  return pastDeadline(parts, held) ? giveUpWaiting(parts, held) : held;
}

function giveUpWaiting(parts: Parts, held: Held): Promise<Held> {
  const hours = Math.round(parts.limits.deadlineMs / 360_000) / 10;
  const outcome = {
    code: 'deadline',
    message: `Toloka has named no end for ${hours} hours. The app goes on looking, less often.`,
  };
  const patch = { outcome, stepAt: parts.clock.now() };
  return move(parts, held, { to: 'unknown', kind: 'outcome_unknown', detail: outcome, patch });
}

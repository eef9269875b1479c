import { LeaseLostError, RequestChangedError } from './errors';
import type { Parts } from './parts';
import type { OperationFacts, Reading } from './ports';
import { publish } from './publish';
import { pastDeadline, reconcile } from './reconcile';
import { type ArchiveRequest, isOpen } from './request';
import { type Held, move, settleOperation } from './settle';
import { submit } from './submit';
import { backoff } from './timing';

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
    if (!(error instanceof LeaseLostError || error instanceof RequestChangedError)) throw error;
    parts.logger.warn('request taken over by another worker', { request: claimed.id, error });
    return undefined;
  } finally {
    await parts.journal.release(claimed.id, held.lease);
  }
}

function step(parts: Parts, held: Held, fresh: boolean, read: ReadOperations): Promise<Held> {
  const { request } = held;
  if (!isOpen(request.state) || request.stepAt === null || request.stepAt > parts.clock.now())
    return Promise.resolve(held);
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

async function poll(parts: Parts, held: Held, read: ReadOperations): Promise<Held> {
  const { request } = held;
  if (pastDeadline(parts, held)) return giveUpWaiting(parts, held);
  const { operationId } = request;
  const toloka = parts.environments.get(request.environment)?.toloka;
  if (toloka === undefined)
    return pollLater(parts, held, `This app has no token for ${request.environment}.`);
  if (operationId === null) return pollLater(parts, held, 'The operation has no id.');
  const known = read.get(operationId);
  const reading: Reading<OperationFacts> = known
    ? { kind: 'found', value: known }
    : await toloka.readOperation(operationId);
  if (reading.kind === 'found') return settleOperation(parts, held, reading.value, 'found_running');
  return pollLater(
    parts,
    held,
    'message' in reading ? reading.message : `Toloka knows no operation ${operationId}.`,
  );
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

async function pollLater(parts: Parts, held: Held, why: string): Promise<Held> {
  const { journal, clock, random, logger } = parts;
  const { request, lease } = held;
  const now = clock.now();
  const stepTries = request.stepTries + 1;
  logger.warn('operation not read', {
    request: request.id,
    operation: request.operationId,
    tries: stepTries,
    why,
  });
  const patch = {
    stepAt: now + backoff(stepTries, random),
    stepTries,
    // One failed look is no news for a channel; a second one is: the progress shown is not fresh any more.
    ...(stepTries === 2 ? { outcome: { code: 'cannot_look', message: why }, publishAt: now } : {}),
  };
  return { request: await journal.note(request.id, lease, now, patch), lease };
}

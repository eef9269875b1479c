import type { Parts } from './parts';
import type { OperationFacts, Reading } from './ports';
import { type Held, move, settleOperation } from './settle';
import { backoff, pastDeadlineDelay } from './timing';

/** How far the clocks of this machine and of Toloka may be apart, in ms, for an operation to count as ours. */
const CLOCK_SKEW_MS = 2 * 60_000;

/**
 * Looks up what became of a POST whose outcome nobody knows: the training first, then the operations. Never POSTs.
 * States: submitting | unknown → running | succeeded | failed | not_started, or unknown for longer.
 * `not_started` is said only when both looks work, both show nothing, and Toloka has had its time to show it.
 * @throws LeaseLostError
 */
export async function reconcile(parts: Parts, held: Held): Promise<Held> {
  const doubted = held.request.state === 'submitting' ? await doubt(parts, held) : held;
  const { request } = doubted;
  const toloka = parts.environments.get(request.environment)?.toloka;
  if (toloka === undefined)
    return lookLater(parts, doubted, `This app has no token for ${request.environment}.`);
  const training = await toloka.readTraining(request.trainingId);
  if (training.kind !== 'found' && training.kind !== 'not_found')
    return lookLater(parts, doubted, training.message);
  const since = (request.submittedAt ?? request.createdAt) - CLOCK_SKEW_MS;
  const operations = await toloka.readArchiveOperations(since);
  const operation = await ours(parts, doubted, operations);
  const archived = training.kind === 'found' && training.value.status === 'ARCHIVED';
  if (operation?.status === 'SUCCESS' || (operation && !archived)) return found(parts, doubted, operation);
  if (archived) return foundArchived(parts, doubted);
  if (operations.kind !== 'found')
    return lookLater(
      parts,
      doubted,
      'message' in operations ? operations.message : 'Toloka has no list of operations',
    );
  return foundNothing(parts, doubted);
}

function doubt(parts: Parts, held: Held): Promise<Held> {
  const outcome = {
    code: 'interrupted',
    message: 'This app was interrupted while it spoke to Toloka, so the answer is not known.',
  };
  const patch = { outcome, stepAt: parts.clock.now() };
  return move(parts, held, { to: 'unknown', kind: 'outcome_unknown', detail: outcome, patch });
}

/** The newest archive operation on this training that no other request has claimed as its own. */
async function ours({ journal }: Parts, { request }: Held, operations: Reading<OperationFacts[]>) {
  if (operations.kind !== 'found') return undefined;
  for (const operation of operations.value) {
    if (operation.trainingId !== request.trainingId) continue;
    if (!(await journal.operationKnown(request.environment, operation.id, request.id))) return operation;
  }
  return undefined;
}

function found(parts: Parts, held: Held, operation: OperationFacts): Promise<Held> {
  const { request } = held;
  const ended = operation.status === 'SUCCESS' || operation.status === 'FAIL';
  // Past the deadline a request stays unknown, and says so, until Toloka names an end.
  if (!ended && pastDeadline(parts, held))
    return lookLater(parts, held, `Operation ${operation.id} still runs.`);
  return settleOperation(parts, { ...held, request }, operation, 'found_running');
}

function foundArchived(parts: Parts, held: Held): Promise<Held> {
  const message =
    'Looked up: Toloka shows the training as archived. The operation was not found, so it cannot be told whether this request or another did it.';
  const outcome = { code: 'found_archived', message };
  return move(parts, held, {
    to: 'succeeded',
    kind: 'succeeded',
    detail: outcome,
    patch: { outcome, progress: 100 },
  });
}

async function foundNothing(parts: Parts, held: Held): Promise<Held> {
  const { clock, limits, journal } = parts;
  const events = await journal.events(held.request.id);
  const doubted = events.findLast(({ kind }) => kind === 'outcome_unknown' || kind === 'late_evidence');
  if (clock.now() - (doubted?.at ?? 0) < limits.graceMs) return lookLater(parts, held, null);
  const message = 'Looked up: the training is not archived and Toloka has no operation for this request.';
  const outcome = { code: 'found_nothing', message };
  return move(parts, held, { to: 'not_started', kind: 'not_started', detail: outcome, patch: { outcome } });
}

async function lookLater(parts: Parts, held: Held, why: string | null): Promise<Held> {
  const { journal, clock, random, logger } = parts;
  const { request, lease } = held;
  const now = clock.now();
  const tries = request.stepTries + 1;
  const wait = pastDeadline(parts, held) ? pastDeadlineDelay(random) : backoff(Math.min(tries, 5), random);
  if (why !== null) logger.warn('truth not found yet', { request: request.id, tries, why });
  const patch = { stepAt: now + wait, stepTries: tries };
  return { request: await journal.note(request.id, lease, now, patch), lease };
}

export const pastDeadline = ({ clock, limits }: Parts, { request }: Held): boolean =>
  clock.now() - (request.submittedAt ?? request.createdAt) > limits.deadlineMs;

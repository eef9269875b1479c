import type { Parts } from './parts';
import type { ArchiveRequest } from './request';
import { type Held, hasEnded, move, settleOperation } from './settle';
import { backoff, CLOCK_SKEW_MS, pastDeadlineDelay } from './timing';
import type { OperationFacts } from './toloka-port';
import { unclaimed } from './unclaimed';

/** How far back operations are looked for, in ms: the clocks of this machine and of Toloka may be apart. */
const LOOK_BACK_MS = 10 * 60_000;

/**
 * Looks up what became of a POST whose outcome nobody knows: the training first, then the operations. Never POSTs.
 * States: submitting | unknown → running | succeeded | failed | not_started, or unknown for longer.
 * `not_started` and `failed` are said only when the looks work, the training is not archived, and Toloka has had its
 * time to show an operation; `not_started` only if each that it shows is known to be another's.
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
  const archived = training.kind === 'found' && training.value.status === 'ARCHIVED';
  if (request.operationId !== null) {
    const known = await toloka.readOperation(request.operationId);
    if (known.kind === 'found') return found(parts, doubted, known.value);
    if (known.kind !== 'not_found') return lookLater(parts, doubted, known.message);
  }
  const operations = await toloka.readArchiveOperations(confirmedAt(request) - LOOK_BACK_MS);
  if (operations.kind !== 'found')
    return archived
      ? foundArchived(parts, doubted)
      : lookLater(
          parts,
          doubted,
          'message' in operations ? operations.message : 'Toloka has no list of operations',
        );
  const { ours, unclear } = await sift(parts, request, operations.value);
  if (ours?.status === 'SUCCESS') return found(parts, doubted, ours);
  if (archived) return foundArchived(parts, doubted);
  if (ours !== undefined && ours.status !== 'FAIL') return found(parts, doubted, ours);
  // Only now, since Toloka may still be about to show the one that our POST began.
  if (!(await graceOver(parts, request))) return lookLater(parts, doubted, null);
  if (ours !== undefined) return found(parts, doubted, ours);
  if (unclear) return lookLater(parts, doubted, 'Toloka lists operations that do not name their training.');
  if (request.operationId !== null) return forgotten(parts, doubted, training.kind === 'found');
  return foundNothing(parts, doubted);
}

/** Nothing of ours began before. A worker that took the request over may have written a later moment as its POST's. */
const confirmedAt = ({ confirmedAt: at, createdAt }: ArchiveRequest): number => at ?? createdAt;

function doubt(parts: Parts, held: Held): Promise<Held> {
  const outcome = {
    code: 'interrupted',
    message: 'This app was interrupted while it spoke to Toloka, so the answer is not known.',
  };
  const patch = { outcome, stepAt: parts.clock.now() };
  return move(parts, held, { to: 'unknown', kind: 'outcome_unknown', detail: outcome, patch });
}

/**
 * Of the archive operations that no other request has claimed: the one on this training that tells most (a success,
 * else one that waits or runs, else a failure; the newest of each), and whether one might be ours but does not say so.
 */
async function sift(parts: Parts, request: ArchiveRequest, operations: readonly OperationFacts[]) {
  // One that failed before we could have begun it is another one, and so is one that came long after our POST.
  const since = confirmedAt(request) - CLOCK_SKEW_MS;
  const until = lastMoment(parts, request);
  const free = (await unclaimed(parts, request, operations)).filter(
    ({ status, submitted }) =>
      submitted === null || (submitted <= until && (status !== 'FAIL' || submitted >= since)),
  );
  const mine = free.filter(({ trainingId }) => trainingId !== null);
  const ours =
    mine.find(({ status }) => status === 'SUCCESS') ??
    mine.find(({ status }) => status !== 'FAIL') ??
    mine.find(({ status }) => status === 'FAIL');
  // One that succeeded without this training being archived was about another.
  const unclear = free.some(({ trainingId, status }) => trainingId === null && status !== 'SUCCESS');
  return { ours, unclear };
}

/** When (epoch ms) our POST has certainly arrived and begun what it began, or never will. */
const lastMoment = ({ limits }: Parts, { submittedAt }: ArchiveRequest): number =>
  (submittedAt ?? Number.POSITIVE_INFINITY) + limits.leaseMs + limits.graceMs + CLOCK_SKEW_MS;

/** Whether Toloka has had its time to show an operation. */
async function graceOver({ journal, clock, limits }: Parts, { id }: ArchiveRequest): Promise<boolean> {
  const events = await journal.events(id);
  const doubted = events.findLast(({ kind }) => kind === 'outcome_unknown' || kind === 'late_evidence');
  return clock.now() - (doubted?.at ?? 0) >= limits.graceMs;
}

function found(parts: Parts, held: Held, operation: OperationFacts): Promise<Held> {
  const { request } = held;
  // Past the deadline a request stays unknown, and says so, until Toloka names an end.
  if (!hasEnded(operation) && pastDeadline(parts, held))
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

/**
 * Toloka had accepted it and does not know the operation any more. When it does not know the training either, the account
 * is most likely another one, and nothing can be told.
 */
function forgotten(parts: Parts, held: Held, trainingFound: boolean): Promise<Held> {
  const words = `Toloka accepted operation ${held.request.operationId} and does not know it any more`;
  if (!trainingFound) return lookLater(parts, held, `${words}, nor the training.`);
  const outcome = {
    code: 'operation_forgotten',
    message: `Looked up: ${words}; the training is not archived.`,
  };
  return move(parts, held, { to: 'failed', kind: 'failed', detail: outcome, patch: { outcome } });
}

function foundNothing(parts: Parts, held: Held): Promise<Held> {
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

import type { Deps, Environment, Operation, Reading } from './ports';
import { hasEnded, type Leased, record, recordOperation } from './record';
import type { ArchiveRequest, Outcome } from './request';
import { backoff, CLOCK_SKEW_MS, pastDeadlineDelay } from './timing';

/**
 * Looks up what became of a POST whose outcome is not known: first the training, then the operations. Never sends.
 * States: submitting | unknown → running | succeeded | failed | not_started, or unknown for longer.
 * `not_started` and `failed` need readings that work, a training that is not archived, and that Toloka has had its
 * time to show an operation; `not_started` also needs that no operation listed can be this request's.
 * @throws LeaseLostError
 */
export async function reconcile(deps: Deps, leased: Leased): Promise<Leased> {
  const doubted =
    leased.request.state === 'submitting' ? await markUnknown(deps, leased, 'interrupted') : leased;
  const { request } = doubted;
  const toloka = deps.environments.get(request.environment)?.toloka;
  if (toloka === undefined) return lookLater(deps, doubted, 'no token for this environment');
  const training = await toloka.readTraining(request.trainingId);
  if (training.kind !== 'found' && training.kind !== 'not_found') return lookLater(deps, doubted, training);
  const isArchived = training.kind === 'found' && training.value.status === 'ARCHIVED';
  if (request.operationId !== null) {
    const known = await toloka.readOperation(request.operationId);
    if (known.kind === 'found') return recordFound(deps, doubted, known.value);
    if (known.kind !== 'not_found') return lookLater(deps, doubted, known);
  }
  const foundArchived: Outcome = { code: 'found_archived' };
  const operations = await toloka.listOperations({ submittedSince: earliest(request) });
  if (operations.kind !== 'found') {
    if (isArchived) return record(deps, doubted, { kind: 'succeeded', outcome: foundArchived });
    return lookLater(deps, doubted, operations);
  }
  const { ours, isUnclear } = await matchOperation(deps, request, operations.value);
  if (ours?.status === 'SUCCESS') return recordFound(deps, doubted, ours);
  if (isArchived) return record(deps, doubted, { kind: 'succeeded', outcome: foundArchived });
  if (ours !== undefined && ours.status !== 'FAIL') return recordFound(deps, doubted, ours);
  // What follows is only certain once Toloka has had its time to show the operation of our POST.
  if (!(await isGraceOver(deps, request))) return lookLater(deps, doubted, null);
  if (ours !== undefined) return recordFound(deps, doubted, ours);
  if (isUnclear) return lookLater(deps, doubted, 'operations that do not name their training');
  if (request.operationId === null) {
    // Somebody else's operation may still archive the training. Then "nothing was archived" would not stay true.
    const open = await toloka.listOperations({ statuses: ['PENDING', 'RUNNING'] });
    if (open.kind !== 'found') return lookLater(deps, doubted, open);
    if (open.value.some(({ trainingId }) => trainingId === request.trainingId))
      return lookLater(deps, doubted, 'another operation on the training is not finished');
    return record(deps, doubted, { kind: 'not_started', outcome: { code: 'found_nothing' } });
  }
  // Toloka accepted it and no longer knows it. If it doesn't know the training either, this is probably another account.
  if (training.kind !== 'found') return lookLater(deps, doubted, 'neither operation nor training found');
  return record(deps, doubted, { kind: 'failed', outcome: { code: 'operation_forgotten' } });
}

/** Calls the outcome unknown, for a reason code of ours. */
export const markUnknown = (deps: Deps, leased: Leased, code: string): Promise<Leased> =>
  record(deps, leased, { kind: 'outcome_unknown', outcome: { code } });

/** Whether Toloka has an operation that this request, which the journal calls confirmed, may have begun. */
export async function mayHaveBegun(
  deps: Deps,
  { toloka }: Environment,
  request: ArchiveRequest,
): Promise<'yes' | 'no' | 'unknown'> {
  // Since the plan: a restored journal may not know of an earlier confirmation of it.
  const submittedSince = request.createdAt - CLOCK_SKEW_MS;
  const operations = await toloka.listOperations({ submittedSince });
  if (operations.kind !== 'found') return 'unknown';
  const candidates = await candidateOperations(deps, request, operations.value);
  if (candidates.some(({ trainingId }) => trainingId !== null)) return 'yes';
  return candidates.length > 0 ? 'unknown' : 'no';
}

/**
 * Of these archive operations, in their order, those that this request may have begun: they are about its training or
 * name none, and belong to no other request.
 */
async function candidateOperations(
  { journal }: Deps,
  { id, environment, trainingId }: ArchiveRequest,
  operations: readonly Operation[],
): Promise<Operation[]> {
  const about = operations.filter((one) => one.trainingId === null || one.trainingId === trainingId);
  if (about.length === 0) return [];
  const ids = about.map((operation) => operation.id);
  const claimed = await journal.claimedOperations(environment, ids, id);
  return about.filter((operation) => !claimed.has(operation.id));
}

/** Nothing of ours began before this moment (epoch ms), by Toloka's clock. */
const earliest = ({ confirmedAt, createdAt }: ArchiveRequest): number =>
  (confirmedAt ?? createdAt) - CLOCK_SKEW_MS;

/** After this moment (epoch ms) our POST has arrived and begun what it began, or never will. */
const latest = ({ limits }: Deps, { submittedAt }: ArchiveRequest): number =>
  (submittedAt ?? Number.POSITIVE_INFINITY) + limits.leaseMs + limits.graceMs + CLOCK_SKEW_MS;

/** Finds the operation of this request. `isUnclear`: if none names the training, whether one that names none may be it. */
async function matchOperation(deps: Deps, request: ArchiveRequest, operations: readonly Operation[]) {
  const [since, until] = [earliest(request), latest(deps, request)];
  const candidates = (await candidateOperations(deps, request, operations)).filter(
    ({ submitted }) => submitted === null || (submitted >= since && submitted <= until),
  );
  const named = candidates.filter(({ trainingId }) => trainingId !== null);
  const ours =
    named.find(({ status }) => status === 'SUCCESS') ??
    named.find(({ status }) => status !== 'FAIL') ??
    named[0];
  // One that succeeded while this training is not archived was about another training.
  const isUnclear = candidates.some(({ status }) => status !== 'SUCCESS');
  return { ours, isUnclear };
}

/** Whether Toloka has had its time to show an operation. The last event of an unknown request is the doubt. */
async function isGraceOver({ journal, clock, limits }: Deps, { id }: ArchiveRequest): Promise<boolean> {
  const doubt = (await journal.events(id)).at(-1);
  return clock.now() - (doubt?.at ?? 0) >= limits.graceMs;
}

async function recordFound(deps: Deps, leased: Leased, operation: Operation): Promise<Leased> {
  // Past the deadline a request stays unknown until Toloka has finished.
  if (!hasEnded(operation) && isPastDeadline(deps, leased.request))
    return lookLater(deps, leased, `operation ${operation.id} is still running`);
  return recordOperation(deps, leased, operation, 'found_running');
}

function lookLater(deps: Deps, { request, lease }: Leased, why: string | Reading<unknown> | null): Leased {
  const { clock, random, logger } = deps;
  const stepTries = request.stepTries + 1;
  const wait = isPastDeadline(deps, request)
    ? pastDeadlineDelay(random)
    : backoff(Math.min(stepTries, 5), random);
  if (why !== null) logger.warn('outcome not found yet', { request: request.id, tries: stepTries, why });
  return { request: { ...request, stepAt: clock.now() + wait, stepTries }, lease };
}

/** Whether a request has waited for its outcome for too long. */
export const isPastDeadline = ({ clock, limits }: Deps, request: ArchiveRequest): boolean =>
  clock.now() - (request.submittedAt ?? request.createdAt) > limits.deadlineMs;

import type { Fence, Journal, NewRequest } from '../../src/archive/ports-journal';
import type { Approval, ArchiveRequest, Delivery, Denial, Lease } from '../../src/archive/request';
import type { Change } from '../../src/archive/transitions';

/** The moment around which the tests happen; epoch milliseconds. */
export const NOON = Date.UTC(2026, 0, 2, 12);

export function newRequest(id: string, over: Partial<NewRequest> = {}): NewRequest {
  const environment = over.environment ?? 'production';
  const trainingId = over.trainingId ?? `t-${id}`;
  return {
    id,
    team: 'T1',
    environment,
    trainingId,
    requester: 'U1',
    channel: 'C1',
    retryOf: null,
    enterprise: null,
    createdAt: NOON,
    plan: {
      environment,
      trainingId,
      training: null,
      projectName: null,
      projectLinksTraining: false,
      pools: [],
      blockers: [],
      unread: [],
      fingerprint: 'f1',
      readAt: NOON,
    },
    ...over,
  };
}

export function denial(id: string, over: Partial<Denial> = {}): Denial {
  return {
    id,
    at: NOON,
    code: 'not_allowed',
    detail: '',
    user: 'U2',
    team: 'T1',
    channel: 'C1',
    environment: null,
    trainingId: null,
    requestId: null,
    ...over,
  };
}

type Kind = Change['kind'];
const OPERATION = 'op-1';
export const APPROVAL: Approval = {
  ...{ needed: 2, audience: { everyone: true, people: [], groups: [] }, given: [], changes: [] },
  ...{ askedAt: NOON, until: NOON + 60_000, remindedAt: null, declined: null },
};
const OUTCOME = { code: 'c', said: 'Toloka said so' };

/** A change of each kind, with what it must have. */
function change(kind: Kind, request: ArchiveRequest, over: Partial<Record<string, unknown>> = {}): Change {
  const operation = { operationId: OPERATION, progress: 7, stepAt: NOON + 60_000 };
  const given: Record<Kind, object> = {
    replanned: { plan: request.plan, changes: [] },
    cancelled: {},
    expired: {},
    confirmed: { reason: 'it is old' },
    approval_requested: { reason: 'it is old', approval: APPROVAL },
    approved: { user: 'U2' },
    fully_approved: { user: 'U3' },
    approvals_voided: { plan: request.plan, changes: [], approval: APPROVAL },
    reminded: { stepAt: NOON + 60_000 },
    declined: { user: 'U2', reason: 'still used' },
    withdrawn: {},
    approval_expired: {},
    submitting: { card: { channel: 'C1', ts: '1.1' } },
    accepted: operation,
    found_running: operation,
    outcome_unknown: { outcome: OUTCOME },
    succeeded: {},
    failed: { outcome: OUTCOME },
    refused: { outcome: OUTCOME },
    not_started: { outcome: OUTCOME },
    late_evidence: {},
  };
  return { kind, ...given[kind], ...over } as Change;
}

/** Applies a change of this kind to the request as it was read. */
export function advance(
  journal: Journal,
  request: ArchiveRequest,
  kind: Kind,
  { with: over, ...fence }: Partial<Fence> & { with?: Partial<Record<string, unknown>> } = {},
): Promise<ArchiveRequest> {
  const { id, version } = request;
  return journal.advance({ id, version, at: NOON, actor: 'U1', ...fence }, change(kind, request, over));
}

/** Applies one change after the other. */
export async function advanceThrough(
  journal: Journal,
  request: ArchiveRequest,
  kinds: readonly Kind[],
  fence: Parameters<typeof advance>[3] = {},
): Promise<ArchiveRequest> {
  let last = request;
  for (const kind of kinds) last = await advance(journal, last, kind, fence);
  return last;
}

export const planned = (journal: Journal, id: string, over: Partial<NewRequest> = {}) =>
  journal.create(newRequest(id, over));

/** A confirmed request, due at once. */
export async function confirmed(
  journal: Journal,
  id: string,
  over: Partial<NewRequest> = {},
): Promise<ArchiveRequest> {
  return advance(journal, await planned(journal, id, over), 'confirmed');
}

/** Claims a request, due or not. */
export async function held(
  journal: Journal,
  id: string,
  now = NOON,
): Promise<ArchiveRequest & { lease: Lease }> {
  const [request] = await journal.claim({ now, until: now + 100, limit: 1, ids: [id] });
  if (!request?.lease) throw new Error(`${id} could not be claimed`);
  return { ...request, lease: request.lease };
}

/** Writes delivery as a worker does, and gives the lease back. */
export async function noted(
  journal: Journal,
  id: string,
  delivery: Partial<Delivery>,
): Promise<ArchiveRequest> {
  const { lease } = await held(journal, id);
  return journal.note(id, lease, NOON, delivery, { release: true });
}

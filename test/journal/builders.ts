import type { Advance, Journal, NewEvent, NewRequest, Refusal } from '../../src/archive/journal-port';
import type { ArchiveRequest, EventKind, RequestState } from '../../src/archive/request';

/** The moment around which the tests play; epoch milliseconds. */
export const NOON = Date.UTC(2026, 0, 2, 12);

export function newRequest(id: string, over: Partial<NewRequest> = {}): NewRequest {
  const environment = over.environment ?? 'production';
  const trainingId = over.trainingId ?? `t-${id}`;
  return {
    id,
    environment,
    trainingId,
    requester: 'U1',
    channel: 'C1',
    retryOf: null,
    createdAt: NOON,
    plan: {
      environment,
      trainingId,
      training: null,
      projectName: null,
      projectLinksTraining: false,
      pools: [],
      blockers: [],
      unavailable: null,
      fingerprint: 'f1',
      readAt: NOON,
    },
    ...over,
  };
}

export function event(kind: EventKind, over: Partial<NewEvent> = {}): NewEvent {
  return { kind, at: NOON, actor: 'U1', ...over };
}

export function refusal(id: string, over: Partial<Refusal> = {}): Refusal {
  return {
    id,
    at: NOON,
    code: 'not_allowed',
    message: 'You are not on the list.',
    user: 'U2',
    channel: 'C1',
    environment: null,
    trainingId: null,
    requestId: null,
    ...over,
  };
}

export async function planned(
  journal: Journal,
  id: string,
  over: Partial<NewRequest> = {},
): Promise<ArchiveRequest> {
  return journal.create(newRequest(id, over), event('asked'));
}

/** Moves a request one state on, as it stands, with an event named after the state where there is one. */
export async function move(
  journal: Journal,
  request: ArchiveRequest,
  to: RequestState,
  over: Partial<Advance> = {},
): Promise<ArchiveRequest> {
  const kinds: Partial<Record<RequestState, EventKind>> = {
    planned: 'replanned',
    running: 'accepted',
    unknown: 'outcome_unknown',
  };
  const kind = kinds[to] ?? (to as EventKind);
  return journal.advance({ id: request.id, version: request.version, to, event: event(kind), ...over });
}

/** A confirmed request, due at once unless told otherwise. */
export async function confirmed(
  journal: Journal,
  id: string,
  over: Partial<NewRequest> = {},
  patch: Advance['patch'] = {},
): Promise<ArchiveRequest> {
  const request = await planned(journal, id, over);
  return move(journal, request, 'confirmed', { patch: { confirmedAt: NOON, stepAt: NOON, ...patch } });
}

import type { RequestPatch } from './journal-port';
import type { Parts } from './parts';
import {
  type ArchiveRequest,
  type EventDetail,
  type EventKind,
  isOpen,
  type Lease,
  type RequestState,
} from './request';
import { PROGRESS_EVERY_MS } from './timing';
import type { OperationFacts, SubmitOutcome } from './toloka-port';

/** A request together with the lease under which it may be written. */
export interface Held {
  request: ArchiveRequest;
  lease: Lease;
}

interface Move {
  to: RequestState;
  kind: EventKind;
  detail?: EventDetail;
  patch?: RequestPatch;
  actor?: string;
}

/**
 * Moves a held request and marks its card as behind. An end stops the steps and sets `finishedAt`.
 * @throws LeaseLostError, RequestChangedError
 */
export async function move(parts: Parts, { request, lease }: Held, change: Move): Promise<Held> {
  const now = parts.clock.now();
  const ended = !isOpen(change.to);
  const moved = await parts.journal.advance({
    id: request.id,
    version: request.version,
    to: change.to,
    event: { kind: change.kind, at: now, actor: change.actor ?? 'app', detail: change.detail ?? {} },
    patch: {
      publishAt: now,
      stepTries: 0,
      ...(ended ? { stepAt: null, finishedAt: now } : { finishedAt: null }),
      ...change.patch,
    },
    lease,
  });
  parts.logger.info('request moved', {
    request: request.id,
    training: request.trainingId,
    environment: request.environment,
    from: request.state,
    to: change.to,
    event: change.kind,
    detail: change.detail,
  });
  return { request: moved, lease };
}

/** Writes down what the POST brought. @throws LeaseLostError when another worker may have settled it by now */
export function settleSubmit(parts: Parts, held: Held, outcome: SubmitOutcome): Promise<Held> {
  const now = parts.clock.now();
  switch (outcome.kind) {
    case 'accepted':
      return settleOperation(parts, held, outcome.operation, 'accepted');
    case 'already_archived': {
      const message =
        'Toloka answered that the training was archived already (204): there was nothing left to do.';
      return move(parts, held, {
        to: 'succeeded',
        kind: 'succeeded',
        detail: { code: 'already_archived', message, httpStatus: 204 },
        patch: { outcome: { code: 'already_archived', message } },
      });
    }
    case 'refused': {
      const { code, message, httpStatus } = outcome;
      return move(parts, held, {
        to: 'refused',
        kind: 'refused',
        detail: { code, message, httpStatus },
        patch: { outcome: { code, message } },
      });
    }
    case 'not_sent':
    case 'unknown': {
      const { code, message } = outcome;
      const to = outcome.kind === 'not_sent' ? 'not_started' : 'unknown';
      return move(parts, held, {
        to,
        kind: to === 'unknown' ? 'outcome_unknown' : 'not_started',
        detail: { code, message },
        patch: { outcome: { code, message }, ...(to === 'unknown' ? { stepAt: now } : {}) },
      });
    }
  }
}

/** Whether Toloka has ended the operation. */
export const hasEnded = (operation: OperationFacts | undefined): boolean =>
  operation?.status === 'SUCCESS' || operation?.status === 'FAIL';

/** Writes down what an operation says, be it from the POST's answer, a poll or a search. @throws LeaseLostError */
export async function settleOperation(
  parts: Parts,
  held: Held,
  operation: OperationFacts,
  found: 'accepted' | 'found_running',
): Promise<Held> {
  const { id: operationId, status, progress } = operation;
  const { request, lease } = held;
  const known = request.state === 'running';
  if (status === 'SUCCESS')
    return move(parts, held, {
      to: 'succeeded',
      kind: 'succeeded',
      detail: { operationId },
      patch: { operationId, progress: 100, outcome: null },
    });
  if (status === 'FAIL') {
    const outcome = {
      code: 'OPERATION_FAILED',
      message: operation.reason ?? 'Toloka reported FAIL and gave no reason.',
    };
    return move(parts, held, {
      to: 'failed',
      kind: 'failed',
      detail: { operationId, ...outcome },
      patch: { operationId, outcome },
    });
  }
  const now = parts.clock.now();
  // The watch looks at all running operations together; a request of its own is due only at the deadline.
  const stepAt = (request.submittedAt ?? now) + parts.limits.deadlineMs;
  if (!known)
    return move(parts, held, {
      to: 'running',
      kind: found,
      detail: { operationId },
      patch: { operationId, progress, outcome: null, stepAt },
    });
  const news = progress !== request.progress || request.outcome !== null;
  const publishAt = request.publishAt ?? (news ? now + PROGRESS_EVERY_MS : null);
  const patch = { progress, outcome: null, stepAt, stepTries: 0, publishAt };
  return { request: await parts.journal.note(request.id, lease, now, patch), lease };
}

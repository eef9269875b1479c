import { OpenRequestExistsError } from './errors';
import { newLease, type Parts } from './parts';
import type { ArchiveRequest } from './request';
import type { SubmitOutcome } from './toloka-port';

const AGAIN_MS = 1_000;

/**
 * What a worker does with the answer to a POST when its lease has run out meanwhile: it settles nothing, but it opens
 * the question again when others doubt the outcome or have called the request not started, so that the truth is looked
 * up. Whoever looks at this moment has perhaps read Toloka before our POST arrived there, so it waits for their lease.
 */
export async function reportLate(parts: Parts, id: string, outcome: SubmitOutcome): Promise<void> {
  if (outcome.kind === 'refused' || outcome.kind === 'not_sent') return;
  const { journal, clock, limits, sleep, logger } = parts;
  const operationId = outcome.kind === 'accepted' ? outcome.operation.id : undefined;
  let failure: unknown;
  for (const until = clock.now() + 2 * limits.leaseMs; clock.now() <= until; await sleep(AGAIN_MS)) {
    try {
      const request = await journal.get(id);
      if (request?.state !== 'not_started' && request?.state !== 'unknown') return;
      return await reopen(parts, request, operationId);
    } catch (error) {
      failure = error;
      // The training is asked for anew already, and that request looks the same truth up before it settles.
      if (error instanceof OpenRequestExistsError) break;
    }
  }
  logger.error('late answer to an archive request not recorded', {
    request: id,
    operation: operationId,
    error: failure,
  });
}

async function reopen(parts: Parts, request: ArchiveRequest, operationId: string | undefined): Promise<void> {
  const lease = newLease(parts);
  const now = parts.clock.now();
  const message = 'A worker that had stalled sent the request to Toloka after all.';
  await parts.journal.advance({
    id: request.id,
    version: request.version,
    to: 'unknown',
    event: {
      kind: 'late_evidence',
      at: now,
      actor: 'app',
      detail: { message, ...(operationId && { operationId }) },
    },
    patch: {
      stepAt: now,
      publishAt: now,
      finishedAt: null,
      submittedAt: now,
      outcome: { code: 'late_evidence', message },
      ...(operationId && { operationId }),
    },
    take: lease,
  });
  await parts.journal.release(request.id, lease);
}

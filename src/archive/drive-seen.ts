import type { Budget } from './budget';
import { driveSafely } from './drive';
import type { RunningRequest } from './journal-port';
import type { Parts } from './parts';
import { hasEnded } from './settle';
import type { OperationFacts } from './toloka-port';

/** So many requests are taken and driven together. */
export const BATCH = 50;

/**
 * Drives those requests whose operation has ended, and shows as much progress as Slack's limits leave room for. Says
 * whether none of those that have ended was held by somebody else.
 */
export async function driveSeen(
  parts: Parts,
  requests: readonly RunningRequest[],
  operations: readonly OperationFacts[],
  edits: Budget,
): Promise<boolean> {
  const { journal, clock, limits } = parts;
  const read = new Map(operations.map((operation) => [operation.id, operation]));
  const due = requests.filter(({ operationId, progress }) => {
    const operation = read.get(operationId);
    if (operation === undefined) return false;
    return hasEnded(operation) || (operation.progress !== progress && edits.take());
  });
  const ids = due.map(({ id }) => id);
  const taken = new Set<string>();
  for (let from = 0; from < ids.length; from += BATCH) {
    const now = clock.now();
    const some = ids.slice(from, from + BATCH);
    const claimed = await journal.claim({
      now,
      until: now + limits.leaseMs,
      limit: BATCH,
      ids: some,
      early: true,
    });
    const drives = claimed.map(async (request) => {
      if (await driveSafely(parts, request, { read })) taken.add(request.id);
    });
    await Promise.all(drives);
  }
  return due.every(({ id, operationId }) => taken.has(id) || !hasEnded(read.get(operationId)));
}

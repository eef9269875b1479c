import type { Parts } from './parts';
import type { ArchiveRequest } from './request';
import type { OperationFacts } from './toloka-port';

/**
 * Of these archive operations, in their order, those that this request may have begun: they are on its training or
 * name none, and no other request has one of them as its own.
 */
export async function unclaimed(
  { journal }: Pick<Parts, 'journal'>,
  { id, environment, trainingId }: ArchiveRequest,
  operations: readonly OperationFacts[],
): Promise<OperationFacts[]> {
  const free: OperationFacts[] = [];
  for (const operation of operations) {
    if (operation.trainingId !== null && operation.trainingId !== trainingId) continue;
    if (!(await journal.operationKnown(environment, operation.id, id))) free.push(operation);
  }
  return free;
}

import { type AnswerContext, readBody, unreadable } from './answer';
import type { Exchange } from './exchange';
import { operationSchema } from './schemas';
import type { ArchiveResult } from './types';

const ARCHIVE_TYPE = 'TRAINING.ARCHIVE';

/**
 * Reads a 2xx answer to the archive of a training: 202 with the operation, or 204 when it was archived before. 200 with
 * the operation is accepted too, since the 2021 document names no status. The operation must be the one that was
 * asked for: an answer about something else, a training for instance, proves nothing.
 *
 * @throws TolokaUnreadableError, which leaves open what Toloka did
 * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, lines 3138-3153
 */
export function readArchive(exchange: Exchange, trainingId: string, context: AnswerContext): ArchiveResult {
  if (exchange.status === 204) {
    return { kind: 'already_archived' };
  }
  if (exchange.status !== 200 && exchange.status !== 202) {
    throw unreadable('unexpected_status', exchange, context);
  }
  const operation = readBody(exchange, operationSchema, context);
  const typed = operation.type === ARCHIVE_TYPE || (operation.type === null && exchange.status === 202);
  if (!typed || (operation.trainingId !== null && operation.trainingId !== trainingId)) {
    throw unreadable('unexpected_shape', exchange, context, 'It is not the operation that was asked for');
  }
  return { kind: 'accepted', operation };
}

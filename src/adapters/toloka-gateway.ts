import { PREFLIGHT_MS } from '../archive/plan';
import type { Clock } from '../archive/ports';
import type { Reading, SubmitOutcome, TolokaPort } from '../archive/toloka-port';
import {
  archiveVerdict,
  TolokaAbortedError,
  TolokaAuthenticationError,
  type TolokaClient,
  TolokaDeniedError,
  TolokaError,
  TolokaNotFoundError,
} from '../toloka';
import type { TolokaClock } from './toloka-clock';
import { isMainPool, operationFacts, poolFacts, projectFacts, shorten, trainingFacts } from './toloka-facts';
import type { Pace } from './toloka-pace';

export interface GatewayOptions {
  platformUrl: string;
  /** How long one reading may take in all, tries included, in ms, when whoever reads gives no limit. */
  readingMs: number;
  pace: Pace;
  tolokaClock: TolokaClock;
  clock: Clock;
}

/** Toloka's states of a pool that is not archived. An archived one blocks nothing, so it is not asked for. */
const UNARCHIVED = ['OPEN', 'CLOSED', 'LOCKED'];
const ARCHIVE = 'TRAINING.ARCHIVE';

/** Translates the API client into what the use case asks of Toloka; errors become facts. */
export function createTolokaGateway(
  client: TolokaClient,
  { platformUrl, readingMs, pace, tolokaClock, clock }: GatewayOptions,
): TolokaPort {
  /** With a `given` limit somebody waits in front of a window, and would only ask again: the client waits for its turn. */
  async function read<T>(
    work: (options: { signal: AbortSignal }) => Promise<T>,
    given?: AbortSignal,
  ): Promise<Reading<T>> {
    const held = pace.heldUntil() - clock.now();
    if (held > (given ? PREFLIGHT_MS : 0))
      return { kind: 'unavailable', message: 'Toloka asked this app to slow down for a moment.' };
    if (pace.wait() > readingMs)
      return { kind: 'unavailable', message: 'This app has used up its own budget of requests to Toloka.' };
    try {
      return { kind: 'found', value: await work({ signal: given ?? AbortSignal.timeout(readingMs) }) };
    } catch (error) {
      pace.heard(error);
      if (error instanceof TolokaNotFoundError) return { kind: 'not_found' };
      if (error instanceof TolokaAuthenticationError || error instanceof TolokaDeniedError)
        return { kind: 'no_access', message: error.plainly };
      if (error instanceof TolokaError) return { kind: 'unavailable', message: whyOf(error) };
      throw error;
    }
  }

  return {
    readTraining: (id, signal) =>
      read(async (options) => trainingFacts(await client.getTraining(id, options), platformUrl), signal),
    readProject: (id, signal) =>
      read(async (options) => projectFacts(await client.getProject(id, options)), signal),
    readUnarchivedPools: (projectId, signal) =>
      read(async (options) => {
        const lists = await Promise.all(
          UNARCHIVED.map((status) => client.listPools({ projectId, status }, options)),
        );
        return lists
          .flat()
          .filter(isMainPool)
          .map((pool) => poolFacts(pool, projectId, platformUrl));
      }, signal),
    readOperation: (id) => read(async (options) => operationFacts(await client.getOperation(id, options))),
    readArchiveOperations: (submittedSince) =>
      read(async (options) => {
        const filter = { type: ARCHIVE, submittedGte: submittedSince };
        const operations = await client.listOperations(filter, options);
        return operations.map(operationFacts).sort((a, b) => (b.submitted ?? 0) - (a.submitted ?? 0));
      }),
    readEndedOperations: (finishedSince) =>
      read(async (options) => {
        const filter = { type: ARCHIVE, finishedGte: finishedSince };
        return (await client.listOperations(filter, options)).map(operationFacts);
      }),
    readRunningOperations: () =>
      read(async (options) => {
        const query = { type: ARCHIVE, status: 'RUNNING', sort: '-submitted' };
        return (await client.findOperations(query, options)).items.map(operationFacts);
      }),
    readOpenOperations: (submittedSince) =>
      read(async (options) => {
        const lists = await Promise.all(
          ['PENDING', 'RUNNING'].map((status) =>
            client.listOperations({ type: ARCHIVE, status, submittedGte: submittedSince }, options),
          ),
        );
        return lists.flat().map(operationFacts);
      }),
    archive: async (trainingId, correlationId) => {
      const problem = tolokaClock.problem();
      if (problem !== null) return { kind: 'not_sent', code: 'clocks_apart', message: problem };
      // The one request that never waits: a lease is running.
      pace.turn();
      return archive(client, trainingId, correlationId, pace);
    },
  };
}

/** Of a call that was given up, what Toloka had said or not said until then is what people want to know. */
function whyOf(error: TolokaError): string {
  if (!(error instanceof TolokaAbortedError)) return error.plainly;
  if (error.cause === undefined && error.sent === 'no') return 'Toloka could not be asked in time.';
  return error.cause instanceof TolokaError ? error.cause.plainly : 'Toloka did not answer in time.';
}

async function archive(
  client: TolokaClient,
  trainingId: string,
  correlationId: string,
  pace: Pace,
): Promise<SubmitOutcome> {
  try {
    const result = await client.archiveTraining(trainingId, { correlationId });
    return result.kind === 'accepted'
      ? { kind: 'accepted', operation: operationFacts(result.operation) }
      : result;
  } catch (error) {
    if (!(error instanceof TolokaError)) throw error;
    pace.heard(error);
    // Toloka's own words where it said something, since that is what the card must show.
    const code = error.tolokaCode ?? error.code;
    const message = error.tolokaMessage ? `Toloka: ${shorten(error.tolokaMessage)}` : shorten(error.plainly);
    const kind = archiveVerdict(error);
    if (kind === 'refused')
      return { kind, code, message: withPayload(message, error.payload), httpStatus: error.httpStatus ?? 0 };
    if (kind === 'not_sent') return { kind, code, message };
    const said = error.tolokaMessage || error.httpStatus ? ` It answered: ${heard(error)}.` : '';
    return { kind, code, message: `Toloka gave no usable answer, so it may or may not have begun.${said}` };
  }
}

const heard = ({ httpStatus, tolokaMessage }: TolokaError): string =>
  [httpStatus && `HTTP ${httpStatus}`, tolokaMessage && shorten(tolokaMessage)].filter(Boolean).join(', ');

const withPayload = (message: string, payload: unknown): string =>
  payload === undefined || payload === null ? message : `${message} ${shorten(payload)}`;

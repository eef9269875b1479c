import { setTimeout as wait } from 'node:timers/promises';
import type { Agent, Dispatcher } from 'undici';
import type { Logger } from '../logger';
import { createRedactor } from '../redact';
import { readArchive } from './answer';
import { createCall, encodeId, type OnExchange } from './call';
import { authorizationHeader, bareToken, type TrainingPath } from './environments';
import { archiveOutcome, type Outcome, outcomeOf, TolokaError } from './errors';
import { createConnections } from './exchange';
import { createLimits } from './limits';
import { createReads, type OperationFilter } from './reads';
import * as schemas from './schemas';

/** How to reach one Toloka account. */
export interface AccountSettings {
  /** For the log. */
  name: string;
  /** Such as `https://toloka.dev/api`; a trailing slash does not matter. */
  apiUrl: string;
  /** For links, such as `https://platform.toloka.ai`. */
  platformUrl: string;
  trainingPath: TrainingPath;
  /** An OAuth token or an API key, with or without its scheme. */
  token: string;
}

export interface AccountOptions {
  /** The time limit of the POST, in ms. */
  archiveMs: number;
  /** The time limit of one reading, all its pages and tries included, in ms. */
  readMs: number;
  /** The request budget of the account in this process. */
  requestsPerSecond: number;
  clock: { now(): number };
  logger: Pick<Logger, 'debug' | 'warn'>;
  /** Gets each request to Toloka. */
  onExchange?: OnExchange | undefined;
  sleep?: ((ms: number, signal?: AbortSignal) => Promise<unknown>) | undefined;
  /** In [0, 1). */
  random?: (() => number) | undefined;
  /** Used instead of the account's own connections, and not closed with it. Must not retry a POST. */
  dispatcher?: Dispatcher | undefined;
  /** Makes the account's own connections in another way, such as through a proxy. */
  createAgent?: ((options: Agent.Options) => Dispatcher) | undefined;
}

/** What a look at Toloka found. `unavailable` says nothing about the thing itself. */
export type Reading<T> =
  | { kind: 'found'; value: T }
  | { kind: 'not_found' }
  | { kind: 'no_access' | 'unavailable'; why: Outcome };

/** What the one POST brought. Only `unknown` leaves a doubt. */
export type SubmitResult =
  | { kind: 'accepted'; operation: schemas.Operation }
  | { kind: 'already_archived' }
  | { kind: 'refused' | 'not_sent' | 'unknown'; outcome: Outcome };

/** The version is that of the package. */
const USER_AGENT = 'toloka-archive-for-slack/0.1.0';
/** A person waits for a plan about this long, in ms, and so do reads for it while Toloka has asked to wait. */
const PATIENCE_MS = 8_000;
/** The newest 1,200 trainings are enough to choose from. Older ones are found by ID. */
const CHOICE = { pages: 4, limit: 300 };

const trainingPage = schemas.pageSchema(schemas.trainingSchema);
const poolPage = schemas.pageSchema(schemas.poolSchema);

/**
 * One Toloka account with its own connections and its own request budget. Nothing throws for what Toloka or the network
 * does: errors become results. Their messages go into the log, only codes and Toloka's own words into the results.
 *
 * A reading is tried again while it may succeed. One without a signal may take `readMs` and gives up at once while
 * Toloka has asked to wait. One with a signal has a person waiting for it, and so waits for its turn.
 *
 * @throws TolokaError (`invalid_input`) when the token cannot be one
 * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca
 */
export function createTolokaAccount(settings: AccountSettings, options: AccountOptions) {
  const { name, platformUrl, trainingPath, token } = settings;
  const { archiveMs, readMs, requestsPerSecond, clock, logger } = options;
  const { origin, pathname } = new URL(settings.apiUrl);
  const redact = createRedactor([bareToken(token)]);
  const limits = createLimits({ name, requestsPerSecond, clock, logger });
  const connections = createConnections(options.dispatcher, options.createAgent);
  const call = createCall({
    origin,
    basePath: pathname.replace(/\/+$/, ''),
    headers: {
      authorization: authorizationHeader(token),
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': USER_AGENT,
    },
    redact,
    connections,
    timeoutMs: { GET: readMs, POST: archiveMs },
    limits,
    clock,
    sleep: options.sleep ?? ((ms, signal) => wait(ms, undefined, signal && { signal })),
    random: options.random ?? Math.random,
    logger,
    onExchange: options.onExchange,
  });
  const reads = createReads(call, redact);
  let readPaths: [TrainingPath, TrainingPath?] =
    trainingPath === 'training' ? ['training', 'trainings'] : ['trainings'];

  async function read<T>(
    work: (signal: AbortSignal) => Promise<T>,
    given?: AbortSignal,
  ): Promise<Reading<T>> {
    const delay = limits.delayedBy({ heldMs: given ? PATIENCE_MS : 0, budgetMs: readMs });
    if (delay !== null) return { kind: 'unavailable', why: { code: delay } };
    try {
      return { kind: 'found', value: await work(given ?? AbortSignal.timeout(readMs)) };
    } catch (error) {
      if (!(error instanceof TolokaError)) throw error;
      const { kind, facts } = error;
      if (kind === 'not_found') return { kind };
      if (kind === 'authentication' || kind === 'denied') return { kind: 'no_access', why: outcomeOf(error) };
      const waited = kind === 'timeout' && facts.sent === 'no';
      const code = waited ? limits.delayedBy({ heldMs: 0, budgetMs: 0 }) : null;
      return { kind: 'unavailable', why: { ...outcomeOf(error), ...(code && { code }) } };
    }
  }

  return {
    /**
     * The 2021 document writes the archive call `training`, and only that call: it is not known whether reads ever had
     * that alias. So an account that is set to `training` reads there first, on 404 once more at `trainings`, and keeps
     * the path that worked.
     *
     * @see Toloka/docs at ec5ddf6b, which rewrote `training` to `trainings` in archive-training.md
     */
    readTraining: (id: string, given?: AbortSignal) =>
      read(async (signal) => {
        const readAt = async (path: TrainingPath) => {
          const training = await reads.one(path, schemas.trainingSchema, id, signal);
          readPaths = [path];
          return schemas.toTraining(training, platformUrl);
        };
        const [first, second] = readPaths;
        return readAt(first).catch((error: unknown) => {
          const isMissing = error instanceof TolokaError && error.kind === 'not_found';
          if (second === undefined || !isMissing) throw error;
          return readAt(second);
        });
      }, given),

    /** The newest closed trainings, and whether there are more. */
    listClosed: (given?: AbortSignal) =>
      read(async (signal) => {
        const query = { status: 'CLOSED', limit: CHOICE.limit };
        const { items, more } = await reads.newest('trainings', trainingPage, query, {
          pages: CHOICE.pages,
          signal,
        });
        return { trainings: items.map((one) => schemas.toTraining(one, platformUrl)), more };
      }, given),

    readProject: (id: string, given?: AbortSignal) =>
      read(
        (signal) => reads.one('projects', schemas.projectSchema, id, signal).then(schemas.toProject),
        given,
      ),

    /** Every training of the account that is not archived. */
    listUnarchived: () =>
      read(async (signal) => {
        const trainings = await reads.unarchived('trainings', trainingPage, {}, signal);
        return trainings.map((training) => schemas.toTraining(training, platformUrl));
      }),

    /** The main pools of a project that are not archived. Trainings may be listed among them. */
    readPools: (projectId: string, given?: AbortSignal) =>
      read(async (signal) => {
        const pools = await reads.unarchived('pools', poolPage, { project_id: projectId }, signal);
        return pools
          .filter(({ type }) => type !== 'TRAINING')
          .map((pool) => schemas.toPool(pool, { platformUrl, projectId }));
      }, given),

    readOperation: (id: string) =>
      read(async (signal) =>
        schemas.toOperation(await reads.one('operations', schemas.operationSchema, id, signal), redact),
      ),

    /** Archive operations, newest first. */
    listOperations: (filter: OperationFilter) =>
      read(async (signal) => {
        const operations = await reads.operations(filter, signal);
        return operations.sort((a, b) => (b.submitted ?? 0) - (a.submitted ?? 0));
      }),

    /**
     * Whether Toloka accepts the token and lets it read, and whose it is. A view-only account cannot use the API at
     * all; whether another one may archive shows only when it does.
     *
     * @see https://toloka.ai/docs/guide/api-token, which tests a token so
     * @see https://toloka.ai/docs/guide/multiple-access, "Use Toloka API"
     */
    readAccess: () =>
      read(async (signal) => {
        const [name] = await Promise.all([
          reads.get('requester', schemas.requesterSchema, {}, signal),
          reads.get('trainings', trainingPage, { limit: 1 }, signal),
        ]);
        return { name, clockAheadMs: limits.clockAheadMs() };
      }),

    /**
     * Asks Toloka to archive a training, which cannot be undone. Sends one POST to the configured path, or none; never a
     * second one.
     *
     * @param correlationId for the log
     * @param mayStart asked right before the first byte leaves; when it says no, nothing is sent
     * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, lines 3122-3153
     */
    async archive(
      trainingId: string,
      correlationId: string,
      mayStart?: () => boolean,
    ): Promise<SubmitResult> {
      if (limits.clocksApart()) return { kind: 'not_sent', outcome: { code: 'clocks_apart' } };
      try {
        const operation = await call({
          method: 'POST',
          path: `${trainingPath}/${encodeId(trainingId)}/archive`,
          read: (answer) => readArchive(answer, trainingId, redact),
          correlationId,
          mayStart,
        });
        if (operation === null) return { kind: 'already_archived' };
        return { kind: 'accepted', operation: schemas.toOperation(operation, redact) };
      } catch (error) {
        if (!(error instanceof TolokaError)) throw error;
        const kind = archiveOutcome(error);
        return { kind, outcome: outcomeOf(error, kind === 'refused' ? error.facts.tolokaPayload : null) };
      }
    },

    clockAheadMs: () => limits.clockAheadMs(),

    /** Lets running calls end and closes the connections. */
    close: () => connections.close(),
  };
}

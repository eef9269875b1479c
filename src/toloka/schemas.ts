import { z } from 'zod';
import type { Redact } from '../redact';
import { saidIn } from './text';

/*
 * What decisions depend on (IDs, statuses, the link from a pool to its training, whether a list goes on) must have its
 * shape, or the answer is unreadable: an overlooked link would hide a pool that is still in use. What is only shown to
 * people becomes null when it has another shape. Unknown fields and unknown words are let through, as both official
 * clients do.
 */
// Half a character cannot be a part of an address.
const id = z.union([z.string().regex(/^\P{Cs}+$/su), z.number().int()]).transform(String);
const optionalId = id.nullish().transform((value) => value ?? null);
const word = z.string().min(1);
const shownText = z.string().nullable().catch(null);
const date = z.unknown().optional().transform(parseTolokaDate);
const percent = z.number().min(0).max(100).nullable().catch(null);

/**
 * A page for people.
 *
 * @see toloka-kit src/client/__init__.py at e5e0450d, lines 1998 and 2057
 */
const pageUrl = (platformUrl: string, projectId: string, kind: 'training' | 'pool', pageId: string) =>
  `${platformUrl}/requester/project/${encodeURIComponent(projectId)}/${kind}/${encodeURIComponent(pageId)}`;

/** The training that a pool requires of people first, or that all pools of a project do. */
const requiredTraining = z
  .looseObject({ training_requirement: z.looseObject({ training_pool_id: id }).nullish() })
  .nullish()
  .transform((value) => value?.training_requirement?.training_pool_id ?? null);

/** @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, line 7614 */
export const trainingSchema = z.object({
  id,
  project_id: optionalId,
  private_name: shownText,
  status: word,
  last_close_reason: shownText,
  created: date,
});

export function toTraining(training: z.output<typeof trainingSchema>, platformUrl: string) {
  const projectId = training.project_id ?? '';
  return {
    id: training.id,
    projectId,
    name: training.private_name ?? '',
    /** OPEN, CLOSED, ARCHIVED, LOCKED, or a word that Toloka added later. */
    status: training.status,
    lastCloseReason: training.last_close_reason,
    /** Epoch milliseconds, as all dates. */
    created: training.created,
    /** Its page, for people. */
    url: pageUrl(platformUrl, projectId, 'training', training.id),
  };
}
export type Training = ReturnType<typeof toTraining>;

/** @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, lines 6472 and 6727 */
export const poolSchema = z.object({
  id,
  private_name: shownText,
  status: word,
  /** REGULAR or TRAINING; deprecated by Toloka. */
  type: shownText,
  quality_control: requiredTraining,
});

export const toPool = (
  pool: z.output<typeof poolSchema>,
  { platformUrl, projectId }: { platformUrl: string; projectId: string },
) => ({
  id: pool.id,
  name: pool.private_name ?? '',
  /** As of a training. */
  status: pool.status,
  /** Its page, for people. */
  url: pageUrl(platformUrl, projectId, 'pool', pool.id),
  /** The training that the pool's own requirement names, if any. */
  requiresTraining: pool.quality_control,
});
export type Pool = ReturnType<typeof toPool>;

/** @see toloka-kit src/client/project/__init__.py at e5e0450d */
export const projectSchema = z.object({ id, public_name: shownText, quality_control: requiredTraining });

export const toProject = (project: z.output<typeof projectSchema>) => ({
  id: project.id,
  name: project.public_name ?? '',
  /** The training that the project's requirement names, if any. Pools without their own inherit it. */
  requiresTraining: project.quality_control,
});
export type Project = ReturnType<typeof toProject>;

/** @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, line 4577 */
export const operationSchema = z.object({
  id,
  type: shownText,
  status: word,
  submitted: date,
  finished: date,
  progress: percent,
  parameters: z.looseObject({ training_id: optionalId }).nullable().catch(null),
  /** Of no fixed shape; often empty, after a failure too. */
  details: z.unknown().optional(),
});
export type WireOperation = z.output<typeof operationSchema>;

export const toOperation = (operation: WireOperation, redact: Redact) => ({
  id: operation.id,
  /** Null when Toloka does not say. */
  trainingId: operation.parameters?.training_id ?? null,
  /** PENDING, RUNNING, SUCCESS, FAIL, or a word that Toloka added later. */
  status: operation.status,
  /** Percent, 0 to 100. */
  progress: operation.progress,
  submitted: operation.submitted,
  finished: operation.finished,
  /** What Toloka says of a failure, shortened; null when it says nothing. */
  said: saidIn(operation.details, redact),
});
export type Operation = ReturnType<typeof toOperation>;

/**
 * Whose the token is; null when Toloka gives no name.
 *
 * @see Toloka/docs en/api/concepts/balance.md: names by language, such as EN
 */
export const requesterSchema = z
  .object({ public_name: z.record(z.string(), z.string()).nullish().catch(null) })
  .transform(({ public_name: names }) => names?.['EN'] ?? Object.values(names ?? {})[0] ?? null);

/** One page of a list. Compiled, since otherwise reading 10,000 operations leaves 14 MiB that V8 keeps for long. */
export const pageSchema = <T>(item: z.ZodType<T>) =>
  z.compile(z.object({ items: z.array(item), has_more: z.boolean() }));

/** @see Toloka/docs en/api/reference/parts/api/info-description.md at c28c2aca, "HTTP status codes" */
export const errorBodySchema = z
  .object({ request_id: shownText, code: shownText, message: shownText, payload: z.unknown().optional() })
  .catch({ request_id: null, code: null, message: null, payload: undefined });

const TOLOKA_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/;

/**
 * Reads a date of Toloka: UTC, written without a zone, with any number of fraction digits. Digits below the
 * millisecond are cut off.
 *
 * @returns epoch milliseconds, or null for anything that is not such a date; never throws
 * @see toloka-kit src/client/primitives/_converter.py at e5e0450d (the server has sent 0, 3, 5 and 6 digits)
 */
export function parseTolokaDate(value: unknown): number | null {
  if (typeof value !== 'string' || !TOLOKA_DATE.test(value)) return null;
  // Without the zone, JavaScript would take the date for local time.
  const ms = Date.parse(`${value.replace('Z', '')}Z`);
  return Number.isNaN(ms) ? null : ms;
}

/** Writes a date (epoch ms) as Toloka's queries take it: UTC without a zone. */
export const formatTolokaDate = (ms: number | undefined) =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, -1);

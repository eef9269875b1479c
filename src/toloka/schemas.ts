import { z } from 'zod';
import { parseTolokaDate } from './dates';

/*
 * What is decided upon (ids, statuses, the link from a pool to its training, whether a list goes on) must have its
 * shape, or the answer is refused: a link that was overlooked would hide a pool that is still in use. What is only
 * shown to people becomes null when it has another shape. Unknown fields and unknown words are let through: both
 * official clients do so too.
 */

const id = z.union([z.string().min(1), z.number().int()]).transform(String);
const optionalId = id.nullish().transform((value) => value ?? null);
const word = z.string().min(1);
const shownText = z.string().nullable().catch(null);
const shownNumber = z.number().nullable().catch(null);
const date = z.unknown().optional().transform(parseTolokaDate);

const qualityControl = z
  .looseObject({
    training_requirement: z
      .looseObject({ training_pool_id: id, training_passing_skill_value: shownNumber })
      .nullish(),
  })
  .nullish()
  .transform((value) => {
    const requirement = value?.training_requirement;
    return requirement
      ? {
          trainingPoolId: requirement.training_pool_id,
          trainingPassingSkillValue: requirement.training_passing_skill_value,
        }
      : null;
  });

const dated = { created: date, last_started: date, last_stopped: date };

/** @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, line 7614 */
export const trainingSchema = z
  .looseObject({
    id,
    project_id: optionalId,
    private_name: shownText,
    status: word,
    last_close_reason: shownText,
    owner: z
      .looseObject({ id: optionalId, myself: z.boolean().nullable().catch(null), company_id: optionalId })
      .nullable()
      .catch(null),
    ...dated,
  })
  .transform((training) => ({
    id: training.id,
    projectId: training.project_id,
    privateName: training.private_name,
    /** OPEN, CLOSED, ARCHIVED, LOCKED, or a word that Toloka added later. */
    status: training.status,
    lastCloseReason: training.last_close_reason,
    owner: training.owner && {
      id: training.owner.id,
      myself: training.owner.myself,
      companyId: training.owner.company_id,
    },
    /** Epoch milliseconds, as are all dates. */
    created: training.created,
    lastStarted: training.last_started,
    lastStopped: training.last_stopped,
  }));
export type Training = z.output<typeof trainingSchema>;

/** @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, lines 6472 and 6727 */
export const poolSchema = z
  .looseObject({
    id,
    project_id: optionalId,
    private_name: shownText,
    status: word,
    last_close_reason: shownText,
    type: shownText,
    quality_control: qualityControl,
    ...dated,
  })
  .transform((pool) => ({
    id: pool.id,
    projectId: pool.project_id,
    privateName: pool.private_name,
    /** OPEN, CLOSED, ARCHIVED, LOCKED, or a word that Toloka added later. */
    status: pool.status,
    lastCloseReason: pool.last_close_reason,
    /** REGULAR or TRAINING; deprecated by Toloka. */
    type: pool.type,
    /** The training that this pool asks of people first. */
    trainingRequirement: pool.quality_control,
    created: pool.created,
    lastStarted: pool.last_started,
    lastStopped: pool.last_stopped,
  }));
export type Pool = z.output<typeof poolSchema>;

/** @see toloka-kit src/client/project/__init__.py at e5e0450d */
export const projectSchema = z
  .looseObject({ id, public_name: shownText, status: shownText, quality_control: qualityControl })
  .transform((project) => ({
    id: project.id,
    publicName: project.public_name,
    status: project.status,
    /** The training that all pools of this project may ask of people first. */
    trainingRequirement: project.quality_control,
  }));
export type Project = z.output<typeof projectSchema>;

/** @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, line 4577 */
export const operationSchema = z
  .looseObject({
    id,
    type: shownText,
    status: word,
    submitted: date,
    started: date,
    finished: date,
    progress: shownNumber,
    parameters: z.looseObject({ training_id: optionalId }).nullable().catch(null),
    details: z.unknown().optional(),
  })
  .transform((operation) => ({
    id: operation.id,
    type: operation.type,
    /** PENDING, RUNNING, SUCCESS, FAIL, or a word that Toloka added later. */
    status: operation.status,
    submitted: operation.submitted,
    started: operation.started,
    finished: operation.finished,
    /** Percent. */
    progress: operation.progress,
    trainingId: operation.parameters?.training_id ?? null,
    /** Of no fixed shape; often empty, after a failure too. */
    details: operation.details ?? null,
  }));
export type Operation = z.output<typeof operationSchema>;

/** @see toloka-kit src/client/requester.py at e5e0450d */
export const requesterSchema = z
  .looseObject({
    id,
    public_name: z.record(z.string(), z.string()).nullable().catch(null),
    company: z.looseObject({ id: optionalId }).nullable().catch(null),
  })
  .transform((requester) => ({
    id: requester.id,
    /** By language, such as `{ EN: 'Example' }`. */
    publicName: requester.public_name,
    companyId: requester.company?.id ?? null,
  }));
export type Requester = z.output<typeof requesterSchema>;

/** One page of a list, whose items are of the given schema. */
export function pageSchema<T>(item: z.ZodType<T>) {
  return z
    .looseObject({ items: z.array(item), has_more: z.boolean() })
    .transform((page) => ({ items: page.items, hasMore: page.has_more }));
}

/** @see Toloka/docs en/api/reference/parts/api/info-description.md at c28c2aca, "HTTP status codes" */
export const errorBodySchema = z
  .looseObject({
    request_id: shownText,
    code: shownText,
    message: shownText,
    payload: z.unknown().optional(),
  })
  .transform((body) => ({
    requestId: body.request_id ?? undefined,
    code: body.code ?? undefined,
    message: body.message ?? undefined,
    payload: body.payload ?? undefined,
  }))
  .catch({ requestId: undefined, code: undefined, message: undefined, payload: undefined });

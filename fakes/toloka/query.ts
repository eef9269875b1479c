import { parseTolokaDate } from './dates';
import { Refusal } from './refusal';
import { OPERATION_STATUSES, STATUSES } from './types';

export interface ListQuery {
  equal: Record<string, string>;
  bounds: { key: string; op: 'lt' | 'lte' | 'gt' | 'gte'; value: string | number }[];
  sort: { key: string; desc: boolean }[];
  limit: number;
}

export interface ListSpec {
  /** Filters by equality: the allowed values, or `null` for any. */
  equal: Record<string, readonly string[] | null>;
  /** Keys to sort by and to bound. All but `id` are dates. */
  keys: readonly string[];
  defaultLimit: number;
  maxLimit: number;
}

/**
 * Limits, keys and filters of the API reference. The default limit of pools is toloka-kit's. Types of operations are
 * open, so any type may be asked for.
 */
export const LISTS = {
  trainings: {
    equal: { project_id: null, status: STATUSES },
    keys: ['id', 'created', 'last_started'],
    defaultLimit: 50,
    maxLimit: 300,
  },
  pools: {
    equal: { project_id: null, status: STATUSES },
    keys: ['id', 'created', 'last_started'],
    defaultLimit: 20,
    maxLimit: 300,
  },
  operations: {
    equal: { type: null, status: OPERATION_STATUSES },
    keys: ['id', 'submitted', 'finished'],
    defaultLimit: 50,
    maxLimit: 500,
  },
} as const satisfies Record<string, ListSpec>;

/**
 * Guesses, all on the strict side, so that a client's mistake shows: unknown and repeated parameters, a limit of 0 and
 * a date with a zone are refused; without `sort` the rows are in order of ID; the payload names the parameter.
 */
export function parseListQuery(spec: ListSpec, params: URLSearchParams): ListQuery {
  const query: ListQuery = { equal: {}, bounds: [], sort: [], limit: spec.defaultLimit };
  for (const name of new Set(params.keys())) {
    const [value = '', ...again] = params.getAll(name);
    if (again.length > 0) invalid(name, 'is given more than once');
    if (name === 'limit') query.limit = parseLimit(spec, value);
    else if (name === 'sort') query.sort = parseSort(spec, value);
    else if (name in spec.equal) query.equal[name] = parseEqual(spec, name, value);
    else query.bounds.push(parseBound(spec, name, value));
  }
  if (query.sort.length === 0) query.sort.push({ key: 'id', desc: false });
  return query;
}

function parseLimit(spec: ListSpec, value: string): number {
  const limit = Number(value);
  if (!/^\d+$/.test(value) || limit < 1 || limit > spec.maxLimit)
    invalid('limit', `must be 1 to ${spec.maxLimit}`);
  return limit;
}

function parseSort(spec: ListSpec, value: string): ListQuery['sort'] {
  return value.split(',').map((part) => {
    const desc = part.startsWith('-');
    const key = desc ? part.slice(1) : part;
    if (!spec.keys.includes(key)) invalid('sort', `must be of ${spec.keys.join(', ')}`);
    return { key, desc };
  });
}

function parseEqual(spec: ListSpec, name: string, value: string): string {
  const allowed = spec.equal[name];
  if (allowed && !allowed.includes(value)) invalid(name, `must be one of ${allowed.join(', ')}`);
  return value;
}

function parseBound(spec: ListSpec, name: string, value: string): ListQuery['bounds'][number] {
  const [, key = '', op = ''] = /^(.+)_(lte?|gte?)$/.exec(name) ?? [];
  if (!spec.keys.includes(key)) invalid(name, 'is not a parameter of this list');
  const bound = key === 'id' ? value : parseTolokaDate(value);
  if (bound === undefined || bound === '') invalid(name, 'must be YYYY-MM-DDThh:mm:ss[.sss]');
  return { key, op: op as ListQuery['bounds'][number]['op'], value: bound as string | number };
}

function invalid(name: string, why: string): never {
  throw new Refusal(400, { payload: { [name]: { code: 'VALIDATION_ERROR', message: `${name} ${why}` } } });
}

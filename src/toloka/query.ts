import { formatTolokaDate } from './dates';
import { TolokaInvalidInputError } from './errors';
import type { OperationsFilter, PageOptions, TrainingsFilter } from './types';

export type Query = Record<string, string | number | undefined>;

/** @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, GET /trainings and GET /pools */
export function trainingsQuery({ status, projectId, ...page }: TrainingsFilter & PageOptions): Query {
  return { status, project_id: projectId, ...pageQuery(page, 300) };
}

/**
 * @throws TolokaInvalidInputError for a date that is none
 * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca, GET /operations
 */
export function operationsQuery({ type, status, ...query }: OperationsFilter & PageOptions): Query {
  return {
    type,
    status,
    submitted_gte: dateOf(query.submittedGte),
    submitted_lte: dateOf(query.submittedLte),
    finished_gte: dateOf(query.finishedGte),
    ...pageQuery(query, 500),
  };
}

/** The query as it stands in a URL, `?` included; empty without parameters. */
export function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      params.set(name, String(value));
    }
  }
  return params.size === 0 ? '' : `?${params}`;
}

// The limit is always sent: Toloka's documents and its own client do not agree on what it is without one.
function pageQuery({ sort, limit, idGt }: PageOptions, max: number): Query {
  return { sort, limit: limit ?? max, id_gt: idGt };
}

function dateOf(ms: number | undefined): string | undefined {
  if (ms !== undefined && Number.isNaN(new Date(ms).getTime())) {
    throw new TolokaInvalidInputError('A date must be given in epoch milliseconds.', 'GET /v1/operations');
  }
  return ms === undefined ? undefined : formatTolokaDate(ms);
}

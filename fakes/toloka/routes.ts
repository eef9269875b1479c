/**
 * Imitates: the paths, methods and success statuses of the API reference and of toloka-kit, and `Authorization: OAuth
 * <token>` or `ApiKey <key>` (toloka-kit, lines 338-347). The document of 2021 writes the archive call, and only that
 * one, with the singular `/training/` (Toloka/docs at ec5ddf6b corrected it). No source says that it is accepted, so it
 * is an option.
 * Guessed: 401 for a bad token, and the order of the checks. Not imitated: every other path of Toloka,
 * `X-Act-Under-Account-ID`, and 415 for a content type.
 */
import type { Lifecycle } from './lifecycle';
import { LISTS, type ListQuery, parseListQuery } from './query';
import { Refusal } from './refusal';
import { selectPage } from './select';
import type { Store } from './store';
import type { Answer, OperationRow } from './types';
import { OWNER_ID, statusAt, type WireForm } from './wire';

export type Spelling = 'trainings' | 'training' | 'both';

export interface RoutesOptions {
  store: Store;
  lifecycle: Lifecycle;
  wire: WireForm;
  token: string;
  spelling: Spelling;
  now(): number;
}

export interface Call {
  method: string;
  path: string;
  params: URLSearchParams;
  authorization: string | undefined;
}

interface Route {
  method: 'GET' | 'POST';
  path: RegExp;
  handle(id: string, params: URLSearchParams): Answer;
}

const ARCHIVE_PATHS: Record<Spelling, RegExp> = {
  trainings: /^\/api\/v1\/trainings\/([^/]+)\/archive$/,
  training: /^\/api\/v1\/training\/([^/]+)\/archive$/,
  both: /^\/api\/v1\/trainings?\/([^/]+)\/archive$/,
};

/** Answers a call, or throws a `Refusal`. */
export function createRouter(options: RoutesOptions): (call: Call) => Answer {
  const routes = createRoutes(options);
  const authorizations = new Set([`OAuth ${options.token}`, `ApiKey ${options.token}`]);

  return ({ method, path, params, authorization }) => {
    if (!authorization || !authorizations.has(authorization)) throw new Refusal(401);
    const here = routes.filter((route) => route.path.test(path));
    if (here.length === 0) throw new Refusal(404, { code: 'NOT_FOUND' });
    const route = here.find((one) => one.method === method);
    if (!route) throw new Refusal(405, { headers: { allow: here.map((one) => one.method).join(', ') } });
    return route.handle(route.path.exec(path)?.[1] ?? '', params);
  };
}

function createRoutes({ store, lifecycle, wire, spelling, now }: RoutesOptions): Route[] {
  const ok = (body: unknown): Answer => ({ status: 200, body });
  const get = (path: RegExp, handle: Route['handle']): Route => ({ method: 'GET', path, handle });
  const post = (path: RegExp, handle: Route['handle']): Route => ({ method: 'POST', path, handle });

  return [
    get(/^\/api\/v1\/trainings$/, (_id, params) => {
      const query = parseListQuery(LISTS.trainings, params);
      const page = selectPage(store.trainings, query, (row) => !row.foreign);
      return ok({ items: page.rows.map(wire.training), has_more: page.hasMore });
    }),
    get(/^\/api\/v1\/trainings\/([^/]+)$/, (id) => ok(wire.training(lifecycle.training(id)))),
    post(ARCHIVE_PATHS[spelling], (id) => lifecycle.archiveTraining(id)),
    post(/^\/api\/v1\/trainings\/([^/]+)\/close$/, (id) => lifecycle.closeTraining(id)),

    get(/^\/api\/v1\/pools$/, (_id, params) => {
      const page = selectPage(store.pools, parseListQuery(LISTS.pools, params));
      return ok({ items: page.rows.map(wire.pool), has_more: page.hasMore });
    }),
    get(/^\/api\/v1\/pools\/([^/]+)$/, (id) => ok(wire.pool(lifecycle.pool(id)))),
    post(/^\/api\/v1\/pools\/([^/]+)\/archive$/, (id) => lifecycle.archivePool(id)),
    post(/^\/api\/v1\/pools\/([^/]+)\/close$/, (id) => lifecycle.closePool(id)),

    get(/^\/api\/v1\/operations$/, (_id, params) => {
      const { query, wanted } = byPhase(parseListQuery(LISTS.operations, params), now());
      const page = selectPage(store.operations, query, wanted);
      return ok({ items: page.rows.map((row) => wire.operation(row, now())), has_more: page.hasMore });
    }),
    get(/^\/api\/v1\/operations\/([^/]+)$/, (id) => {
      const row = store.operations.get(id);
      if (!row) throw new Refusal(404);
      return ok(wire.operation(row, now()));
    }),

    get(/^\/api\/v1\/projects\/([^/]+)$/, (id) => {
      const row = store.projects.get(id);
      if (!row) throw new Refusal(404);
      return ok(wire.project(row));
    }),
    get(/^\/api\/v1\/requester$/, () =>
      ok({
        id: OWNER_ID,
        balance: 121.3,
        public_name: { EN: 'Jack Smith' },
        company: { id: 'eaf25678e128e14dea651d8c32471f21', superintendent_id: OWNER_ID },
      }),
    ),
  ];
}

/** PENDING and RUNNING are one phase in the store. The time decides between them. */
function byPhase(query: ListQuery, at: number): { query: ListQuery; wanted(row: OperationRow): boolean } {
  const { status, ...equal } = query.equal;
  if (status === undefined) return { query, wanted: () => true };
  const phase = status === 'PENDING' || status === 'RUNNING' ? 'open' : status;
  return { query: { ...query, equal: { ...equal, phase } }, wanted: (row) => statusAt(row, at) === status };
}

/**
 * A fake Toloka account on loopback, over real HTTP. It was written from Toloka's documents and from the code of
 * Toloka's own clients, and shares no code with the app's client, so that the two can disagree. The top of `routes.ts`,
 * `lifecycle.ts`, `operations.ts`, `query.ts`, `refusal.ts`, `rate-limit.ts` and `wire.ts` says what each part imitates
 * and what it guesses. No call was ever made to the real service for it.
 *
 * The sources are named in short:
 * - "the API reference": Toloka/docs en/api/reference/fullApi.yaml at c28c2aca
 * - "the API description": Toloka/docs en/api/reference/parts/api/info-description.md at c28c2aca
 * - "toloka-kit": Toloka/toloka-kit at e5e0450d, mostly src/client/__init__.py
 * - "the document of 2021": Toloka's page "Archive a training pool"
 */
import { randomUUID } from 'node:crypto';
import { createExchangeLog, type Exchange } from './exchanges';
import { createFaults } from './faults';
import { createLifecycle } from './lifecycle';
import { createListener } from './listener';
import { createOperations } from './operations';
import type { TolokaAccount, TolokaAccountData, TolokaAccountOptions } from './options';
import { createRateLimit } from './rate-limit';
import { createRouter } from './routes';
import { startServer } from './server';
import { type Change, createStore } from './store';
import type { Wire } from './types';
import { createWireForm } from './wire';

export async function createTolokaAccount(options: TolokaAccountOptions): Promise<TolokaAccount> {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const newId = options.random ? () => uuidFrom(random) : randomUUID;
  const listeners = {
    arrival: new Set<(one: Exchange) => void>(),
    exchange: new Set<(one: Exchange) => void>(),
    change: new Set<(one: Change) => void>(),
  };
  const changed = (change: Change) => {
    for (const listener of listeners.change) listener(change);
  };

  const store = createStore({ now, idOrder: options.idOrder ?? 'numeric', changed });
  const operations = createOperations({
    store,
    now,
    newId,
    changed: (id) => changed({ kind: 'operation', id }),
  });
  const wire = createWireForm(options.fractionDigits ?? 3);
  const lifecycle = createLifecycle({
    store,
    operations,
    operationMs: options.operationMs ?? 3000,
    foreignStatus: options.foreignStatus ?? 403,
    conflictsAs: options.conflictsAs ?? 'refusal',
    show: (row) => wire.operation(row, now()),
  });
  const spelling = options.acceptedSpelling ?? 'trainings';
  const route = createRouter({ store, lifecycle, wire, token: options.token, spelling, now });
  const log = createExchangeLog(options.exchangeLimit ?? 20_000);
  const { faults, take } = createFaults(random);
  const allow =
    options.rateLimit === false
      ? () => true
      : createRateLimit(options.rateLimit ?? 300, options.rateNow ?? (() => performance.now()));

  const listener = createListener({
    now,
    newId,
    route,
    log,
    take,
    allow,
    settle: operations.settle,
    trainingOf: (operationId) => {
      const target = store.operations.get(operationId)?.target;
      return target?.kind === 'training' ? target.id : undefined;
    },
    wait: (ms, then) => server.wait(ms, then),
    arrived: (exchange) => {
      for (const callback of listeners.arrival) callback(exchange);
    },
    over: (exchange) => {
      for (const callback of listeners.exchange) callback(exchange);
    },
  });

  /** Reads after everything that is due has ended. */
  const settled = <Result>(read: () => Result): Result => {
    operations.settle();
    return read();
  };
  const shown = <Row>(row: Row | undefined, show: (row: Row) => Wire) => (row ? show(row) : undefined);
  const data: TolokaAccountData = {
    now,
    addProject: (input) => wire.project(store.addProject(input)),
    addTraining: (input) => wire.training(store.addTraining(input)),
    addPool: (input) => wire.pool(store.addPool(input)),
    updateProject: (id, patch) => settled(() => wire.project(store.updateProject(id, patch))),
    updateTraining: (id, patch) => settled(() => wire.training(store.updateTraining(id, patch))),
    updatePool: (id, patch) => settled(() => wire.pool(store.updatePool(id, patch))),
  };
  options.seed?.(data);
  const server = await startServer(options.port ?? 0, listener);

  return {
    ...data,
    url: `http://127.0.0.1:${server.port}/api`,
    port: server.port,
    urlFor: (name) => `http://127.0.0.1:${server.port}/as/${name}/api`,
    getProject: (id) => shown(store.projects.get(id), wire.project),
    getTraining: (id) => settled(() => shown(store.trainings.get(id), wire.training)),
    getPool: (id) => settled(() => shown(store.pools.get(id), wire.pool)),
    getOperation: (id) => settled(() => shown(store.operations.get(id), (row) => wire.operation(row, now()))),
    operations: () =>
      settled(() => store.operations.inOrder('submitted').map((row) => wire.operation(row, now()))),
    trainings: () => settled(() => store.trainings.inOrder('id').map(wire.training)),
    pools: () => settled(() => store.pools.inOrder('id').map(wire.pool)),
    finishOperation: (id, outcome) => settled(() => wire.operation(operations.finish(id, outcome), now())),
    settle: operations.settle,
    exchanges: log.exchanges,
    posts: log.posts,
    faults,
    down: (isDown) => (isDown ? server.down() : server.up()),
    on(event: 'arrival' | 'exchange' | 'change', callback: (one: never) => void) {
      const set = listeners[event] as Set<(one: never) => void>;
      set.add(callback);
      return () => set.delete(callback);
    },
    reset() {
      server.drop();
      faults.clear();
      log.clear();
      operations.clear();
      store.clear();
      options.seed?.(data);
    },
    async close() {
      listeners.arrival.clear();
      listeners.exchange.clear();
      listeners.change.clear();
      await server.down();
    },
  };
}

/** IDs in the shape of a UUID; the same ones for the same `random`. */
function uuidFrom(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}

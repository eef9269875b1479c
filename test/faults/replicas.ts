import { setTimeout as sleep } from 'node:timers/promises';
import { type AppProcess, startApp } from '../support/app-process';
import type { Disturbance, Ending } from './evidence';

const LOOK_MS = 50;

interface Place {
  env: Record<string, string>;
  app: AppProcess;
  /** One at a time is done to a replica. */
  busy: boolean;
  /** This life of it was ended by the run. */
  meant: boolean;
}

export interface Replicas {
  readonly count: number;
  /** The numbers of those that nothing is being done to. */
  idle(): number[];
  /** kill -9, some time without it, and a new process in its place. */
  kill(replica: number, downMs: number): Promise<void>;
  /** SIGSTOP, some time, SIGCONT. */
  stop(replica: number, stoppedMs: number): Promise<void>;
  readonly disturbances: Disturbance[];
  readonly endings: Ending[];
  /** Waits until all are there and ready. */
  ready(): Promise<void>;
  /** SIGTERM to all. */
  end(): Promise<void>;
  /** SIGKILL to all that are left, stopped ones too. */
  abandon(): void;
  outputs(): string[];
  /** What they logged as errors, the fields as they are. */
  errors(): Record<string, unknown>[];
}

/** The built app as processes that are replaced when they end. */
export async function startReplicas(envs: readonly Record<string, string>[]): Promise<Replicas> {
  const disturbances: Disturbance[] = [];
  const endings: Ending[] = [];
  const lives: AppProcess[] = [];
  let over = false;

  const launch = (env: Record<string, string>) => {
    const app = startApp(env);
    lives.push(app);
    return app;
  };
  const places: Place[] = envs.map((env) => ({ env, app: launch(env), busy: false, meant: false }));
  const place = (replica: number) => places[replica] as Place;
  places.forEach((_, replica) => void look(replica));

  /** Writes down how a life ended, and replaces it at once when nobody meant it to end. */
  async function look(replica: number): Promise<void> {
    const { code, signal } = await place(replica).app.exited;
    const { meant, env } = place(replica);
    endings.push({ replica, meant, how: signal ?? `code ${code}` });
    if (over || meant) return;
    place(replica).app = launch(env);
    void look(replica);
  }

  async function disturb(replica: number, kind: 'kill' | 'stop', work: (one: Place) => Promise<void>) {
    const one = place(replica);
    const done: Disturbance = { kind, replica, at: Date.now(), until: Number.POSITIVE_INFINITY };
    disturbances.push(done);
    one.busy = true;
    await work(one);
    one.busy = false;
    done.until = Date.now();
  }

  const isReady = ({ app }: Place) => app.log.some(({ message }) => message === 'ready');

  return {
    count: places.length,
    disturbances,
    endings,
    idle: () => places.flatMap((one, replica) => (one.busy ? [] : [replica])),
    kill: (replica, downMs) =>
      disturb(replica, 'kill', async (one) => {
        one.meant = true;
        await one.app.kill();
        await sleep(downMs);
        one.app = launch(one.env);
        one.meant = false;
        void look(replica);
        while (!isReady(one)) await sleep(LOOK_MS);
      }),
    stop: (replica, stoppedMs) =>
      disturb(replica, 'stop', async ({ app }) => {
        app.child.kill('SIGSTOP');
        await sleep(stoppedMs);
        app.child.kill('SIGCONT');
      }),
    async ready() {
      while (!places.every((one) => !one.busy && isReady(one))) await sleep(LOOK_MS);
    },
    async end() {
      over = true;
      for (const one of places) one.meant = false;
      await Promise.all(places.map(({ app }) => app.stop()));
      await sleep(0);
    },
    abandon() {
      over = true;
      for (const { child } of lives) child.kill('SIGKILL');
    },
    outputs: () => lives.map((app) => app.output()),
    errors: () => lives.flatMap(({ log }) => log.filter(({ level }) => level === 'error')),
  };
}

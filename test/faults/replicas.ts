import { setTimeout as sleep } from 'node:timers/promises';
import { type AppProcess, startApp } from '../support/app-process';
import type { Life } from './evidence';

const LOOK_MS = 50;

/** A place for one process at a time. */
interface Place {
  /** A kill or stop is under way. */
  busy: boolean;
  running: Running;
}

interface Running {
  app: AppProcess;
  life: Life;
}

export interface Replicas {
  readonly count: number;
  readonly lives: readonly Life[];
  /** The numbers of those that nothing is being done to. */
  idle(): number[];
  /** SIGKILL, some time without it, and a new process in its place. */
  kill(replica: number, downMs: number): Promise<void>;
  /** SIGSTOP, some time, SIGCONT. */
  stop(replica: number, stoppedMs: number): Promise<void>;
  /** Waits until all are ready. */
  ready(): Promise<void>;
  /** SIGTERM to all. */
  end(): Promise<void>;
  /** SIGKILL to all that are left, stopped ones too. */
  abandon(): void;
  outputs(): string[];
  /** What each process logged at these levels, the fields as they are. */
  logged(...levels: string[]): { process: number; line: Record<string, unknown> }[];
}

/**
 * The built app as processes that are replaced when they end. Each process has a number of its own, which its
 * environment can carry, so that the fakes know who speaks to them.
 */
export function startReplicas(
  count: number,
  envFor: (replica: number, process: number) => Record<string, string>,
): Replicas {
  const all: Running[] = [];
  let over = false;

  function launch(replica: number): Running {
    const process = all.length;
    const life: Life = {
      ...{ process, replica, startedAt: Date.now(), readyAt: null, killedAt: null, askedToEndAt: null },
      ...{ endedAt: null, how: null, stops: [] },
    };
    const app = startApp(envFor(replica, process));
    const running = { app, life };
    all.push(running);
    void app
      .waitForLog(({ message }) => message === 'ready')
      .then(
        () => {
          life.readyAt = Date.now();
        },
        () => {},
      );
    void app.exited.then(({ code, signal }) => {
      Object.assign(life, { endedAt: Date.now(), how: signal ?? `code ${code}` });
      if (!over && life.killedAt === null) place(replica).running = launch(replica);
    });
    return running;
  }
  const places: Place[] = Array.from({ length: count }, (_, replica) => ({
    busy: false,
    running: launch(replica),
  }));
  const place = (replica: number) => places[replica] as Place;
  const isReady = ({ running }: Place) => running.life.readyAt !== null;

  async function busily(replica: number, work: (one: Place) => Promise<void>): Promise<void> {
    const one = place(replica);
    one.busy = true;
    await work(one);
    one.busy = false;
  }

  return {
    count,
    get lives() {
      return all.map(({ life }) => life);
    },
    idle: () => places.flatMap((one, replica) => (one.busy || !isReady(one) ? [] : [replica])),
    kill: (replica, downMs) =>
      busily(replica, async (one) => {
        one.running.life.killedAt = Date.now();
        await one.running.app.kill();
        await sleep(downMs);
        one.running = launch(replica);
        while (!isReady(one)) await sleep(LOOK_MS);
      }),
    stop: (replica, stoppedMs) =>
      busily(replica, async ({ running: { app, life } }) => {
        const stop = { from: Date.now(), until: Number.POSITIVE_INFINITY };
        life.stops.push(stop);
        app.child.kill('SIGSTOP');
        await sleep(stoppedMs);
        app.child.kill('SIGCONT');
        stop.until = Date.now();
      }),
    async ready() {
      while (!places.every((one) => !one.busy && isReady(one))) await sleep(LOOK_MS);
    },
    async end() {
      over = true;
      await Promise.all(
        places.map(({ running: { app, life } }) => {
          if (life.endedAt === null) life.askedToEndAt = Date.now();
          return app.stop();
        }),
      );
      await sleep(0);
    },
    abandon() {
      over = true;
      for (const { app } of all) app.child.kill('SIGKILL');
    },
    outputs: () => all.map(({ app }) => app.output()),
    logged: (...levels) =>
      all.flatMap(({ app, life: { process } }) =>
        app.log.filter(({ level }) => levels.includes(level)).map((line) => ({ process, line })),
      ),
  };
}

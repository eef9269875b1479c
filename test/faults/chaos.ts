import { setTimeout as sleep } from 'node:timers/promises';
import type { Workspace } from '../../fakes/slack';
import type { TolokaAccount } from '../../fakes/toloka';
import { processOf } from './gather';
import type { Random } from './random';
import type { Replicas } from './replicas';

export interface ChaosOptions {
  workspace: Workspace;
  account: TolokaAccount;
  replicas: Replicas;
  random: Random;
  leaseMs: number;
  /** From one disturbance to the next, in ms: at least, at most. */
  pause: [number, number];
  sockets: boolean;
}

/** The longest that a disturbance waits for the moment it is aimed at, in ms. */
const AIM_MS = 1_500;

/** Kills, stops and cuts at random until it is told to end; resolves when the last of them is over. */
export function startChaos(options: ChaosOptions): { end(): Promise<void> } {
  const { workspace, replicas, random, leaseMs, pause, sockets } = options;
  const under: Promise<void>[] = [];
  let over = false;

  const cut = (kind: 'disconnect' | 'drop') => {
    const open = workspace.socket.connections();
    if (open.length === 0) return;
    const { id } = random.pick(open);
    if (kind === 'drop') workspace.socket.drop(id);
    else workspace.socket.disconnect('refresh_requested', id);
  };

  async function disturb(): Promise<void> {
    const what = random.next();
    // Drawn whether needed or not, so that timing does not change later decisions.
    const downMs = random.whole(0, 1_500);
    const stoppedMs = random.whole(Math.round(leaseMs * 1.1), leaseMs * 2);
    const moment = random.pick(MOMENTS);
    const which = random.next();
    if (sockets && what < 0.2) return cut(what < 0.1 ? 'disconnect' : 'drop');
    const caller = await moment(options);
    const idle = replicas.idle();
    // One of several is always left alone, or a slow machine would do nothing but start processes.
    if (idle.length < Math.min(2, replicas.count) || over) return;
    const met = replicas.lives.find(({ process }) => process === caller)?.replica;
    const replica = idle.find((one) => one === met) ?? (idle[Math.floor(which * idle.length)] as number);
    under.push(what < 0.55 ? replicas.kill(replica, downMs) : replicas.stop(replica, stoppedMs));
  }

  const running = (async () => {
    while (!over) {
      await sleep(random.whole(...pause));
      if (!over) await disturb();
    }
  })();

  return {
    async end() {
      over = true;
      await running;
      await Promise.all(under);
    },
  };
}

type Moment = (options: ChaosOptions) => Promise<number | null>;

/** When a Slack method is called, or has been answered. */
const slack =
  (event: 'arrival' | 'call', wanted: string): Moment =>
  ({ workspace }) =>
    once((done) => workspace.on(event, ({ method, caller }) => method === wanted && done(processOf(caller))));

const toloka =
  (event: 'arrival' | 'exchange'): Moment =>
  ({ account }) =>
    once((done) =>
      account.on(event, ({ method, caller }) => method === 'POST' && done(processOf(caller ?? null))),
    );

/**
 * When a process is hit: at any time, or just when it has sent something and not heard the answer, or has just heard it.
 * A moment gives the process that it was about.
 */
const MOMENTS: Moment[] = [
  async () => null,
  toloka('arrival'),
  toloka('exchange'),
  slack('arrival', 'chat.postMessage'),
  slack('call', 'chat.postMessage'),
  slack('arrival', 'chat.update'),
  slack('call', 'views.update'),
];

function once(listen: (done: (process: number | null) => void) => () => void): Promise<number | null> {
  return new Promise((resolve) => {
    const done = (process: number | null) => {
      clearTimeout(timer);
      off();
      resolve(process);
    };
    const timer = setTimeout(done, AIM_MS, null);
    const off = listen(done);
  });
}

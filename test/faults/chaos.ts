import { setTimeout as sleep } from 'node:timers/promises';
import type { Workspace } from '../../demo/slack';
import type { TolokaAccount } from '../../demo/toloka';
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
    const at = Date.now();
    replicas.disturbances.push({ kind, replica: null, at, until: at });
    if (kind === 'drop') workspace.socket.drop(id);
    else workspace.socket.disconnect('refresh_requested', id);
  };

  async function disturb(): Promise<void> {
    const what = random.next();
    // Drawn whether needed or not, so that timing moves no later decision.
    const downMs = random.whole(0, 1_500);
    const stoppedMs = random.whole(Math.round(leaseMs * 1.1), leaseMs * 2);
    const moment = random.pick(MOMENTS);
    const which = random.next();
    if (sockets && what < 0.2) return cut(what < 0.1 ? 'disconnect' : 'drop');
    await moment(options);
    const idle = replicas.idle();
    // Of several, one is left alone at any time, or a slow machine would do nothing but start processes.
    if (idle.length < Math.min(2, replicas.count) || over) return;
    const replica = idle[Math.floor(which * idle.length)] as number;
    under.push(what < 0.62 ? replicas.kill(replica, downMs) : replicas.stop(replica, stoppedMs));
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

/** When a process is hit: any time, or just when something leaves it or is about to be answered. */
const MOMENTS: ((options: ChaosOptions) => Promise<void>)[] = [
  async () => {},
  ({ account }) => once((done) => account.on('exchange', ({ method }) => method === 'POST' && done())),
  ({ workspace }) =>
    once((done) => workspace.on('call', ({ method }) => method === 'chat.postMessage' && done())),
  ({ workspace }) =>
    once((done) => workspace.on('call', ({ method }) => method === 'views.update' && done())),
];

function once(listen: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      off();
      resolve();
    };
    const timer = setTimeout(done, AIM_MS);
    const off = listen(done);
  });
}

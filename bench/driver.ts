import { setTimeout as sleep } from 'node:timers/promises';
import type { CallRecord } from '../fakes/slack';
import { type BenchFakes, CHANNEL, preciseNow } from './fakes';

/** When the app's calls about one training arrived, in epoch milliseconds. */
interface Arrivals {
  opened?: number;
  /** The update of the modal that shows the plan. */
  updated?: number;
  posted?: number;
}

/** How long each visible step of one archive took, in ms, measured outside the app. */
export interface Steps {
  /** From the delivery of the command to the arrival of `views.open`. */
  modal: number;
  /** From the delivery of the command to the arrival of the update that shows the plan. */
  plan: number;
  /** From the delivery of the submission to the arrival of the POST at Toloka. */
  post: number;
  /** From the delivery of the submission to its acknowledgement, which closes the modal. */
  closed: number;
}

/** Plays the people who use the app. */
export interface Driver {
  /** Types the command and waits for the plan. */
  ask(person: string, trainingId: string): Promise<Pick<Steps, 'modal' | 'plan'>>;
  /** Fills in and submits the modal, and waits until it is closed and the POST has arrived. */
  confirm(person: string, trainingId: string): Promise<Pick<Steps, 'post' | 'closed'>>;
  archive(person: string): Promise<Steps>;
  /** Waits until nothing is left of the last archive: the card and its thread are written after the POST. */
  quiet(): Promise<void>;
}

/** Longer than any pause between two calls about one archive, in ms. The next look at its operation comes later. */
const QUIET_MS = 20;

export function createDriver({ workspace, account, newTraining }: BenchFakes): Driver {
  const arrivals = new Map<string, Arrivals>();
  const checks = new Map<string, () => void>();
  const arrivalsOf = (trainingId: string): Arrivals => {
    const known = arrivals.get(trainingId) ?? {};
    arrivals.set(trainingId, known);
    return known;
  };

  let lastAt = 0;
  workspace.on('call', (call) => {
    lastAt = performance.now();
    const trainingId = trainingOf(call);
    if (trainingId === undefined) return;
    const known = arrivalsOf(trainingId);
    if (call.ok !== true) throw new Error(`${call.method} failed: ${call.error}`);
    if (call.method === 'views.open') known.opened = call.at;
    if (call.method === 'views.update') known.updated = call.at;
    checks.get(trainingId)?.();
  });
  account.on('exchange', ({ method, trainingId, at }) => {
    lastAt = performance.now();
    if (method !== 'POST' || trainingId === undefined) return;
    arrivalsOf(trainingId).posted = at;
    checks.get(trainingId)?.();
  });

  const until = (trainingId: string, done: (known: Arrivals) => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!done(arrivalsOf(trainingId))) return;
        checks.delete(trainingId);
        resolve();
      };
      checks.set(trainingId, check);
      check();
    });

  const driver: Driver = {
    async ask(id, trainingId) {
      const sent = preciseNow();
      const acked = workspace.person(id).command(trainingId, { channel: CHANNEL });
      await Promise.all([acked, until(trainingId, ({ updated }) => updated !== undefined)]);
      const { opened = Number.NaN, updated = Number.NaN } = arrivalsOf(trainingId);
      return { modal: opened - sent, plan: updated - sent };
    },
    async confirm(id, trainingId) {
      const person = workspace.person(id);
      await person.fill('reason', 'measured');
      await person.fill('typed', trainingId);
      const sent = preciseNow();
      const closing = person.submit({ force: true }).then(() => preciseNow() - sent);
      const arriving = until(trainingId, ({ posted }) => posted !== undefined);
      const [closed] = await Promise.all([closing, arriving]);
      return { post: (arrivalsOf(trainingId).posted ?? Number.NaN) - sent, closed };
    },
    async archive(id) {
      const trainingId = newTraining();
      const asked = await driver.ask(id, trainingId);
      const confirmed = await driver.confirm(id, trainingId);
      arrivals.delete(trainingId);
      return { ...asked, ...confirmed };
    },
    async quiet() {
      for (let left = QUIET_MS; left > 0; left = QUIET_MS - (performance.now() - lastAt)) await sleep(left);
    },
  };
  return driver;
}

/** The training that a call about a modal is about, from the modal's metadata. */
function trainingOf({ method, args }: CallRecord): string | undefined {
  if (!method.startsWith('views.')) return undefined;
  const view = typeof args['view'] === 'string' ? JSON.parse(args['view']) : args['view'];
  const { trainingId, items } = JSON.parse(view?.private_metadata || '{}');
  return trainingId ?? items?.[0]?.[0];
}

import type { CallRecord } from '../fakes/slack';
import { type BenchFakes, CHANNEL, preciseNow } from './fakes';

/** When the app's calls about one training arrived, in epoch milliseconds. */
interface Arrivals {
  opened?: number;
  /** Updates of the modal: one after the command, one after the submission. */
  updates: number[];
  posted?: number;
}

/** How long each visible step of one archive took, in ms, measured outside the app. */
export interface Steps {
  /** From the delivery of the command to the arrival of `views.open`. */
  modal: number;
  /** From the delivery of the submission to the arrival of the POST at Toloka. */
  post: number;
}

/** Plays the people who use the app. */
export interface Driver {
  /** Types the command and waits for the plan. Returns the ms until the modal opened. */
  ask(person: string, trainingId: string): Promise<number>;
  /** Fills in and submits the modal, and waits for its last update. Returns the ms until the POST. */
  confirm(person: string, trainingId: string): Promise<number>;
  archive(person: string): Promise<Steps>;
}

export function createDriver({ workspace, account, newTraining }: BenchFakes): Driver {
  const arrivals = new Map<string, Arrivals>();
  const checks = new Map<string, () => void>();
  const arrivalsOf = (trainingId: string): Arrivals => {
    const known = arrivals.get(trainingId) ?? { updates: [] };
    arrivals.set(trainingId, known);
    return known;
  };

  workspace.on('call', (call) => {
    const trainingId = trainingOf(call);
    if (trainingId === undefined) return;
    const known = arrivalsOf(trainingId);
    if (call.ok !== true) throw new Error(`${call.method} failed: ${call.error}`);
    if (call.method === 'views.open') known.opened = call.at;
    if (call.method === 'views.update') known.updates.push(call.at);
    checks.get(trainingId)?.();
  });
  account.on('exchange', ({ method, trainingId, at }) => {
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
      await Promise.all([acked, until(trainingId, ({ updates }) => updates.length >= 1)]);
      return (arrivalsOf(trainingId).opened ?? Number.NaN) - sent;
    },
    async confirm(id, trainingId) {
      const person = workspace.person(id);
      await person.fill('reason', 'measured');
      await person.fill('typed_id', trainingId);
      const sent = preciseNow();
      const acked = person.submit({ force: true });
      await Promise.all([
        acked,
        until(trainingId, ({ updates, posted }) => updates.length >= 2 && posted !== undefined),
      ]);
      return (arrivalsOf(trainingId).posted ?? Number.NaN) - sent;
    },
    async archive(id) {
      const trainingId = newTraining();
      const modal = await driver.ask(id, trainingId);
      const post = await driver.confirm(id, trainingId);
      arrivals.delete(trainingId);
      return { modal, post };
    },
  };
  return driver;
}

/** The training that a call about a modal is about, from the modal's metadata. */
function trainingOf({ method, args }: CallRecord): string | undefined {
  if (!method.startsWith('views.')) return undefined;
  const view = typeof args['view'] === 'string' ? JSON.parse(args['view']) : args['view'];
  const { trainingId } = JSON.parse(view?.private_metadata || '{}') as { trainingId?: string };
  return trainingId;
}

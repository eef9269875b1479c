import type { CallRecord } from '../demo/slack';
import { CHANNEL, preciseNow, type Stage } from './stage';

/** What arrived from outside about one training, in epoch milliseconds. */
interface Arrivals {
  opened?: number;
  /** The modal after the command, and after the submission. */
  updates: number[];
  posted?: number;
}

/** How long each visible step of one archive took, in ms, measured outside the app. */
export interface Steps {
  /** The command was delivered, `views.open` arrived. */
  modal: number;
  /** The submission was delivered, the POST arrived at Toloka. */
  post: number;
}

export interface Office {
  /** Types the command; resolves when the modal stands there to be filled in. Returns the ms until it opened. */
  ask(person: string, trainingId: string): Promise<number>;
  /** Fills in and submits; resolves when the modal has said its last word. Returns the ms until the POST. */
  confirm(person: string, trainingId: string): Promise<number>;
  archive(person: string): Promise<Steps>;
}

/** People who use a stage, and the times at which the app's calls arrive there. */
export function createOffice(stage: Stage): Office {
  const { workspace, account } = stage;
  const arrivals = new Map<string, Arrivals>();
  const looks = new Map<string, () => void>();
  const of = (trainingId: string): Arrivals => {
    const known = arrivals.get(trainingId) ?? { updates: [] };
    arrivals.set(trainingId, known);
    return known;
  };

  workspace.on('call', (call) => {
    const trainingId = trainingOf(call);
    if (trainingId === undefined) return;
    const known = of(trainingId);
    if (call.ok !== true) throw new Error(`${call.method} was refused: ${call.error}`);
    if (call.method === 'views.open') known.opened = call.at;
    if (call.method === 'views.update') known.updates.push(call.at);
    looks.get(trainingId)?.();
  });
  account.on('exchange', ({ method, trainingId, at }) => {
    if (method !== 'POST' || trainingId === undefined) return;
    of(trainingId).posted = at;
    looks.get(trainingId)?.();
  });

  const until = (trainingId: string, done: (known: Arrivals) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!done(of(trainingId))) return;
        looks.delete(trainingId);
        resolve();
      };
      looks.set(trainingId, look);
      look();
    });

  const office: Office = {
    async ask(id, trainingId) {
      const sent = preciseNow();
      const acked = workspace.person(id).command(trainingId, { channel: CHANNEL });
      await Promise.all([acked, until(trainingId, ({ updates }) => updates.length >= 1)]);
      return (of(trainingId).opened ?? Number.NaN) - sent;
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
      return (of(trainingId).posted ?? Number.NaN) - sent;
    },
    async archive(id) {
      const trainingId = stage.newTraining();
      const modal = await office.ask(id, trainingId);
      const post = await office.confirm(id, trainingId);
      arrivals.delete(trainingId);
      return { modal, post };
    },
  };
  return office;
}

/** Modals carry the training that they are about. */
function trainingOf({ method, args }: CallRecord): string | undefined {
  if (!method.startsWith('views.')) return undefined;
  const view = typeof args['view'] === 'string' ? JSON.parse(args['view']) : args['view'];
  const { trainingId } = JSON.parse(view?.private_metadata || '{}') as { trainingId?: string };
  return trainingId;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenView, Person } from '../fakes/slack';
import { askedIn, isWaiting, toType } from '../test/faults/screen';
import { type BenchFakes, PROJECT } from './fakes';
import { seeded } from './seeded';

/** What a person comes for, in how many of a hundred turns. */
const TURNS = {
  ...{ archive: 50, approved: 10, declined: 3, forgotten: 2, batch: 5, pick: 4 },
  ...{ cancel: 8, watch: 3, list: 5, status: 3, check: 3, home: 4 },
};
type Turn = keyof typeof TURNS;

/** A new turn begins so often on average, in ms. */
const TURN_EVERY_MS = 600;
/** How long a person waits for something to appear, in ms. What comes later, they miss. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 100;
/** So many archives fail in Toloka. */
const FAILING = 0.03;
const LONGEST_OPERATION_MS = 3_000;
/** What is watched can be archived so long after somebody began to watch it, in ms. */
const READY_AFTER_MS = 60_000;
/** Only these people open the Home tab. The app keeps each tab up to date for an hour. */
const HOMES = 10;

export interface Crowd {
  /** How many turns of each kind there were. */
  readonly turns: Record<string, number>;
  /** Turns in which something did not appear in time, or was not there to click on. */
  readonly missed: () => number;
  /** Lets everybody finish what they do. */
  end(): Promise<void>;
}

/** People come, do one thing each, and go, at a steady pace. */
export function startCrowd(
  { workspace, account, people }: BenchFakes,
  channels: readonly string[],
  seed: number,
): Crowd {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const free = new Set(people);
  const turns: Record<string, number> = {};
  /** Trainings that nobody archived, which the picker offers. */
  const left: string[] = [];
  let newest = '1';
  let missed = 0;
  let over = false;

  function training(more: { status?: 'OPEN' } = {}): string {
    const fails = random() < FAILING && { archiveOutcome: { status: 'FAIL' } as const };
    const operationMs = Math.round(random() * LONGEST_OPERATION_MS);
    const added = { project_id: PROJECT, status: 'CLOSED' as const, operationMs, ...fails, ...more };
    newest = account.addTraining(added).id;
    return newest;
  }

  async function seen<T>(at: () => T | undefined): Promise<T> {
    for (const began = Date.now(); Date.now() - began < PATIENCE_MS; await sleep(LOOK_MS)) {
      const found = at();
      if (found !== undefined) return found;
    }
    throw new Error('Nothing appeared');
  }

  /** The new content of a window: `before` is what was there, if it is the same window that changes. */
  const shown = (person: Person, before?: { id: string; updates: number }): Promise<OpenView> =>
    seen(() => {
      const view = person.modal();
      const isNew = view && (view.id !== before?.id || view.updates !== before.updates);
      return isNew && !isWaiting(view) ? view : undefined;
    });

  async function ask(person: Person, text: string, channel: string): Promise<OpenView> {
    await person.command(text, { channel });
    return shown(person);
  }

  async function confirm(person: Person): Promise<string | undefined> {
    const view = person.modal();
    if (!view?.submit) throw new Error('Nothing to confirm');
    const requestId = askedIn(view)[0]?.requestId ?? undefined;
    const typed = toType(view);
    await person.fill('Reason', 'not used any more');
    if (typed) await person.fill(typed.label, typed.text);
    await person.submit();
    return requestId;
  }

  async function decide(requestId: string | undefined, channel: string, button: 'Approve' | 'Decline') {
    const card = await seen(() =>
      workspace
        .messages(channel)
        .findLast(
          ({ metadata, blocks }) =>
            metadata?.event_payload['request_id'] === requestId &&
            JSON.stringify(blocks).includes('archive_approve'),
        ),
    );
    await asFree(async (other) => {
      await other.click(button, { message: card.ts, channel });
      if (button === 'Approve') return;
      await shown(other);
      await other.fill('Reason', 'still used');
      await other.submit();
    });
  }

  async function choose(person: Person, channel: string): Promise<void> {
    const ids = left.splice(0, 2);
    const picker = await ask(person, '', channel);
    const before = { id: picker.id, updates: picker.updates };
    const label = picker.blocks.find(({ element }) => element?.type === 'multi_external_select')?.label?.text;
    const found: string[] = [];
    for (const id of ids) {
      const { options } = await person.suggest(label ?? '', id);
      if (!options.some(({ value }) => value === id)) continue;
      found.push(id);
      await person.fill(label ?? '', found);
    }
    if (found.length === 0) return;
    await person.submit();
    await shown(person, before);
    await confirm(person);
  }

  const guarded = async (person: Person, channel: string): Promise<string | undefined> => {
    await ask(person, `${training()} sandbox`, channel);
    return confirm(person);
  };

  const acts: Record<Turn, (person: Person, channel: string) => Promise<unknown>> = {
    async archive(person, channel) {
      await ask(person, training(), channel);
      await confirm(person);
    },
    approved: async (person, channel) => decide(await guarded(person, channel), channel, 'Approve'),
    declined: async (person, channel) => decide(await guarded(person, channel), channel, 'Decline'),
    forgotten: guarded,
    async batch(person, channel) {
      await ask(person, [training(), training(), training()].join(' '), channel);
      await confirm(person);
    },
    pick: choose,
    async cancel(person, channel) {
      const id = training();
      left.push(id);
      await ask(person, id, channel);
    },
    async watch(person, channel) {
      const id = training({ status: 'OPEN' });
      await ask(person, id, channel);
      await person.click('Notify me when it can be archived', { view: 'modal' });
      setTimeout(() => account.updateTraining(id, { status: 'CLOSED' }), READY_AFTER_MS).unref();
    },
    list: (person, channel) => person.command('list', { channel }),
    status: (person, channel) => person.command(`status ${newest}`, { channel }),
    check: (person, channel) => person.command(`check ${newest}`, { channel }),
    home: () => workspace.person(pick(people.slice(0, HOMES))).openHome(),
  };

  /** Somebody who has nothing to do. They close their window in the end. */
  async function asFree(work: (person: Person) => Promise<unknown>): Promise<void> {
    const id = pick([...free]);
    if (id === undefined) throw new Error('Everybody is busy');
    free.delete(id);
    const person = workspace.person(id);
    try {
      await work(person);
    } finally {
      while (person.modal()) await person.close();
      free.add(id);
    }
  }

  function next(): Turn {
    let roll = random() * Object.values(TURNS).reduce((sum, share) => sum + share, 0);
    for (const [turn, share] of Object.entries(TURNS) as [Turn, number][]) {
      roll -= share;
      if (roll < 0) return turn;
    }
    return 'archive';
  }

  const under = new Set<Promise<void>>();
  const running = (async () => {
    while (!over) {
      await sleep(TURN_EVERY_MS * 2 * random());
      const turn = next();
      turns[turn] = (turns[turn] ?? 0) + 1;
      const channel = pick(channels);
      const taking: Promise<void> = asFree((person) => acts[turn](person, channel))
        // Faults lose windows and clicks. What matters is what the app holds on to afterwards.
        .catch(() => {
          missed += 1;
        })
        .finally(() => under.delete(taking));
      under.add(taking);
    }
  })();

  return {
    turns,
    missed: () => missed,
    async end() {
      over = true;
      await running;
      await Promise.all(under);
    },
  };
}

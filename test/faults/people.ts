import { setTimeout as sleep } from 'node:timers/promises';
import type { ActResult, OpenView, Person, Workspace } from '../../demo/slack';
import type { TolokaAccount } from '../../demo/toloka';
import type { Act } from './evidence';
import type { Job } from './jobs';
import type { Random } from './random';

export interface Crowd {
  workspace: Workspace;
  account: TolokaAccount;
  acts: Act[];
  /** Nobody begins anything new after this (epoch ms). */
  until: number;
}

/** How long a person looks at an hourglass before they turn to something else, in ms. */
const PATIENCE_MS = 12_000;
const LOOK_MS = 60;
/** Whoever is told that nobody was there comes back a moment later, so often. */
const TRIES = 10;

/** One person works through their list, one thing after the other, as people do. */
export async function work(crowd: Crowd, user: string, jobs: readonly Job[], random: Random): Promise<void> {
  await sleep(random.whole(0, 1_500));
  const person = crowd.workspace.person(user);
  for (const job of jobs)
    if (Date.now() < crowd.until) await doJob(crowd, person, job, random.stream(job.trainingId));
}

async function doJob(crowd: Crowd, person: Person, job: Job, random: Random): Promise<void> {
  const plan = await ask(crowd, person, job, random);
  if (!plan?.submit) return;
  if (job.style === 'cancel') return void (await close(crowd, person, plan));
  if (job.style === 'drift')
    crowd.account.updateTraining(memoryOf(plan).trainingId, { private_name: 'Renamed' });
  await confirm(crowd, person, job, random);
}

/** Types the command, again when Slack says that nobody was there. Returns what the modal shows in the end. */
async function ask(crowd: Crowd, person: Person, job: Job, random: Random): Promise<OpenView | undefined> {
  const { workspace } = crowd;
  const copies = random.chance(0.04) ? 2 : 1;
  const again = job.style === 'retry' ? failedCard(workspace, job.channel) : undefined;
  for (let tries = 1; tries <= TRIES; tries++) {
    const before = { view: person.modal()?.id, said: workspace.ephemerals(person.id).length };
    const act = begin(again ? 'retry' : 'command', person, again?.trainingId ?? job.trainingId, null, copies);
    const result = await (again
      ? person.click('Try again', { message: again.ts, channel: job.channel, copies })
      : person.command(job.trainingId, { channel: job.channel, copies })
    ).catch(() => undefined);
    // The button went away while they reached for it.
    if (result === undefined) return undefined;
    end(crowd, act, result);
    if (!result.acked) {
      await sleep(random.whole(600, 1_800));
      continue;
    }
    const shown = await look(() => {
      const view = person.modal();
      if (view && view.id !== before.view && !isWaiting(view)) return view;
      const said = workspace.ephemerals(person.id).slice(before.said);
      return said.some(({ from, text }) => from === 'app' && !/^Cancelled/.test(text))
        ? ('told' as const)
        : undefined;
    });
    act.saw = shown === 'told' ? 'a private word' : shown ? wordsOf(shown) : null;
    act.requestId = shown && shown !== 'told' ? memoryOf(shown).requestId : null;
    return shown === 'told' ? undefined : shown;
  }
  return undefined;
}

/** Fills in and submits, again when Slack had trouble or the plan had changed. */
async function confirm(crowd: Crowd, person: Person, job: Job, random: Random): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const view = person.modal();
    if (!view?.submit) return;
    const { requestId, trainingId } = memoryOf(view);
    await person.fill('Reason', `no longer used, ${person.name}`);
    await person.fill('Type the training ID to confirm', trainingId);
    const copies = job.style === 'doubled' ? 2 : 1;
    const act = begin('submit', person, trainingId, requestId, copies);
    const said = crowd.workspace.ephemerals(person.id).length;
    const result = await person.submit({ copies });
    end(crowd, act, result);
    if (!result.acked) {
      await sleep(random.whole(600, 1_800));
      continue;
    }
    if (job.style === 'hasty' && person.modal() === view) await close(crowd, person, view);
    const shown = await look(
      () => {
        const now = person.modal();
        if (now === view && !isWaiting(now)) return wordsOf(now);
        // What is said of another training belongs to an earlier command.
        const word = crowd.workspace
          .ephemerals(person.id)
          .slice(said)
          .find(({ from, text }) => from === 'app' && text.includes(trainingId));
        return word ? `a private word: ${word.text}` : undefined;
      },
      job.style === 'hasty' ? 1_000 : PATIENCE_MS,
    );
    act.saw = shown ?? null;
  }
}

async function close(crowd: Crowd, person: Person, view: OpenView): Promise<void> {
  const { trainingId, requestId } = memoryOf(view);
  const act = begin('close', person, trainingId, requestId, 1);
  end(crowd, act, await person.close());
}

const begin = (
  kind: Act['kind'],
  { id: user }: Person,
  trainingId: string,
  requestId: string | null,
  copies: number,
): Act => ({
  ...{ kind, user, trainingId, requestId, at: Date.now(), copies },
  ...{ acked: false, error: null, afterMs: 0, problems: [], saw: null },
});

function end({ acts }: Crowd, act: Act, { acked, error, afterMs, problems }: ActResult): void {
  acts.push(Object.assign(act, { acked, error: error ?? null, afterMs, problems }));
}

async function look<T>(at: () => T | undefined, patience = PATIENCE_MS): Promise<T | undefined> {
  for (const began = Date.now(); Date.now() - began < patience; await sleep(LOOK_MS)) {
    const seen = at();
    if (seen !== undefined) return seen;
  }
  return undefined;
}

const wordsOf = ({ blocks }: OpenView): string => JSON.stringify(blocks).slice(0, 400);
const isWaiting = (view: OpenView): boolean => !view.submit && /Checking training /.test(wordsOf(view));

function memoryOf({ private_metadata }: OpenView): { trainingId: string; requestId: string | null } {
  const { trainingId, requestId = null } = JSON.parse(private_metadata) as {
    trainingId: string;
    requestId?: string;
  };
  return { trainingId, requestId };
}

/** The newest card of a channel that still offers to try again. */
function failedCard(workspace: Workspace, channel: string): { ts: string; trainingId: string } | undefined {
  const card = workspace
    .messages(channel)
    .findLast(({ blocks }) => blocks.some(({ elements }) => elements?.some(({ text }) => isTryAgain(text))));
  const trainingId = /training (\d+)/.exec(card?.text ?? '')?.[1];
  return card && trainingId ? { ts: card.ts, trainingId } : undefined;
}

const isTryAgain = (text: unknown): boolean => (text as { text?: string } | undefined)?.text === 'Try again';

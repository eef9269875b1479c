import { setTimeout as sleep } from 'node:timers/promises';
import type { ActResult, OpenView, Person, Sent, Workspace } from '../../fakes/slack';
import type { TolokaAccount } from '../../fakes/toloka';
import type { Act, Seen } from './evidence';
import { HOSTILE, type Job } from './jobs';
import type { Random } from './random';
import type { Rights } from './rights';

/** An act as the person knows it, with what only Slack knows of it. */
export type RawAct = Omit<Act, 'deliveries' | 'opened'> & {
  sent: Sent[];
  trigger: string | null;
  /** What the app put into its acknowledgement. */
  payload: unknown;
};

export interface Crowd {
  workspace: Workspace;
  account: TolokaAccount;
  rights: Rights;
  acts: RawAct[];
  /**
   * Whether an answer may still come: a process that was sent one of these has neither been killed nor run for long
   * enough. So a stop makes nobody give up.
   */
  mayAnswer(sent: readonly Sent[]): boolean;
  /** Nobody begins anything new after this (epoch ms). */
  until: number;
}

/** The longest that a person waits for an answer, in ms. */
const LONGEST_MS = 90_000;
const OTHER_ANSWER_MS = 1_500;
/** How long a person waits for something that is not an answer, in ms. */
const PATIENCE_MS = 12_000;
const READ_MS = 800;
const LOOK_MS = 60;
/** How often a person tries again when Slack says that the app did not answer. */
const TRIES = 10;
/** How long they wait for the app to come back, and then how long until they have noticed it, in ms. */
const OUTAGE_MS = 8_000;
const NOTICE_MS: [number, number] = [300, 1_500];
/** Some do not wait for it. */
const IMPATIENT = 0.15;

/** One person works through their list, one thing after the other, as people do. */
export async function work(crowd: Crowd, user: string, jobs: readonly Job[], random: Random): Promise<void> {
  await sleep(random.whole(0, 1_500));
  const person = crowd.workspace.person(user);
  for (const job of jobs)
    if (Date.now() < crowd.until) await doJob(crowd, person, job, random.stream(job.trainingId));
}

async function doJob(crowd: Crowd, person: Person, job: Job, random: Random): Promise<void> {
  const { account, rights } = crowd;
  if (job.style === 'outsider') rights.takeFrom(person.id);
  const plan = await ask(crowd, person, job, random);
  if (!plan?.submit) return rights.giveBack(person.id);
  const { trainingId } = memoryOf(plan);
  if (job.style === 'cancel') return void (await close(crowd, person, plan, job.channel));
  if (job.style === 'renamed') account.updateTraining(trainingId, renamed(trainingId, random));
  // An archived training can't be opened.
  if (job.style === 'opened' && account.getTraining(trainingId)?.status !== 'ARCHIVED')
    account.updateTraining(trainingId, { status: 'OPEN' });
  if (job.style === 'raced') race(account, trainingId, random);
  if (job.style === 'revoked') rights.takeFrom(person.id);
  await confirm(crowd, person, job, random);
  rights.giveBack(person.id);
  if (job.style === 'twice') await askAgain(crowd, person, job, random);
}

const renamed = (id: string, random: Random) => ({
  private_name: `Renamed ${id} ${random.whole(1_000, 9_999)} ${HOSTILE}`,
});

/**
 * The next two readings of the training happen before and after a change, and the one from before is answered last: of
 * two deliveries of one click, one finds what the person saw and the other what is there now.
 */
function race(account: TolokaAccount, trainingId: string, random: Random): void {
  const reading = { method: 'GET', path: /\/trainings\/\d+$/, trainingId };
  account.faults.add({ ...reading, fault: { kind: 'slow', ms: 250 } });
  account.faults.add({ ...reading, fault: { kind: 'slow', ms: 60, effect: false } });
  const off = account.on('arrival', (exchange) => {
    if (exchange.method !== 'GET' || exchange.trainingId !== trainingId) return;
    off();
    setImmediate(() => account.updateTraining(trainingId, renamed(trainingId, random)));
  });
}

/** After the first request has failed in Toloka: a second one, whose POST is lost before it does anything. */
async function askAgain(crowd: Crowd, person: Person, job: Job, random: Random): Promise<void> {
  const { account } = crowd;
  const { trainingId } = job;
  const ended = await look(() => account.operations().find((one) => isFailed(one, trainingId)), {
    everyMs: 400,
  });
  if (!ended) return;
  for (let tries = 0; tries < 3; tries++) {
    await sleep(1_500);
    const plan = await ask(crowd, person, job, random);
    if (!plan?.submit) continue;
    account.faults.add({
      ...{ method: 'POST', path: '/archive', trainingId, fault: { kind: 'reset', when: 'before' } },
    });
    return confirm(crowd, person, job, random);
  }
}

const isFailed = (operation: Record<string, unknown>, trainingId: string): boolean =>
  operation['status'] === 'FAIL' &&
  (operation['parameters'] as { training_id?: string } | undefined)?.training_id === trainingId;

/** Types the command, again when Slack says that nobody answered. Returns what the modal shows in the end. */
async function ask(crowd: Crowd, person: Person, job: Job, random: Random): Promise<OpenView | undefined> {
  const { workspace } = crowd;
  const { channel } = job;
  const copies = random.chance(0.04) ? 2 : 1;
  const again = job.style === 'retry' ? failedCard(workspace, channel) : undefined;
  for (let tries = 1; tries <= TRIES; tries++) {
    const before = { view: person.modal()?.id, said: workspace.ephemerals(person.id).length };
    const trainingId = again?.trainingId ?? job.trainingId;
    const act = begin({ kind: again ? 'retry' : 'command', user: person.id, channel, trainingId });
    const result = await (again
      ? person.click('Try again', { message: again.ts, channel, copies })
      : person.command(trainingId, { channel, copies })
    ).catch(() => undefined);
    // The button went away while they reached for it.
    if (result === undefined) return undefined;
    end(crowd, act, result);
    if (!result.acked) {
      await outage(workspace, random);
      continue;
    }
    let shown: OpenView | undefined;
    const saw = await lookFor(crowd, act, (): Seen | undefined => {
      const view = person.modal();
      if (view && view.id !== before.view && !isWaiting(view)) {
        shown = view;
        return inModal(view);
      }
      return privately(workspace, person.id, trainingId, before.said);
    });
    act.saw = saw ?? null;
    act.lookedUntil = Date.now();
    act.requestId = shown ? memoryOf(shown).requestId : null;
    return shown;
  }
  return undefined;
}

/** Fills in and submits, again when Slack had trouble or the plan had changed. */
async function confirm(crowd: Crowd, person: Person, job: Job, random: Random): Promise<void> {
  const { workspace } = crowd;
  for (let tries = 1; tries <= TRIES; tries++) {
    const view = person.modal();
    if (!view?.submit) return;
    const { requestId, trainingId, shown } = memoryOf(view);
    await person.fill('Reason', `no longer used, ${person.name} ${HOSTILE}`);
    await person.fill('Type the training ID to confirm', trainingId);
    const copies = job.style === 'doubled' || job.style === 'raced' ? 2 : 1;
    const act = begin({ kind: 'submit', user: person.id, channel: job.channel, trainingId });
    act.requestId = requestId;
    act.plan = { text: JSON.stringify(view.blocks), fingerprint: shown ?? null };
    const said = workspace.ephemerals(person.id).length;
    const result = await person.submit({ copies });
    end(crowd, act, result);
    if (!result.acked) {
      await outage(workspace, random);
      continue;
    }
    if (job.style === 'hasty' && person.modal() === view) await close(crowd, person, view, job.channel);
    const saw = await lookFor(crowd, act, (): Seen | undefined => {
      const now = person.modal();
      // The very plan that was confirmed is no answer: it is that of an earlier click, and this one's is still to come.
      const isOld = now?.submit && memoryOf(now).shown === shown;
      if (now === view && !isWaiting(now) && !isOld) return inModal(now);
      const word = privately(workspace, person.id, trainingId, said);
      // Without the window, the card in the channel is the answer.
      return word ?? (now === view ? undefined : inChannel(workspace, job.channel, requestId));
    });
    act.saw = saw ?? null;
    act.lookedUntil = Date.now();
    // Reads the newer plan for a moment: what happens meanwhile was not confirmed by anybody.
    if (job.style === 'raced') await sleep(READ_MS);
  }
}

async function close(crowd: Crowd, person: Person, view: OpenView, channel: string): Promise<void> {
  const { trainingId, requestId } = memoryOf(view);
  const act = begin({ kind: 'close', user: person.id, channel, trainingId });
  act.requestId = requestId;
  end(crowd, act, await person.close());
}

/** People notice that an app does not answer, and most wait until it does. */
async function outage({ socket }: Workspace, random: Random): Promise<void> {
  const wait = random.whole(...NOTICE_MS);
  if (!random.chance(IMPATIENT))
    await look(() => socket.connections().some(({ closing }) => !closing) || undefined, {
      patienceMs: OUTAGE_MS,
    });
  await sleep(wait);
}

const begin = (about: Pick<RawAct, 'kind' | 'user' | 'channel' | 'trainingId'>): RawAct => ({
  ...about,
  ...{ requestId: null, at: Date.now(), acked: false, error: null, afterMs: 0, problems: [] },
  ...{ sent: [], trigger: null, payload: null, plan: null, saw: null, lookedUntil: Date.now() },
});

function end({ acts }: Crowd, act: RawAct, result: ActResult): void {
  const { acked, error, afterMs, problems, acks, trigger, payload } = result;
  const sent = acks.flatMap((ack) => ack.sent ?? []);
  const known = { acked, error: error ?? null, afterMs, problems, sent, lookedUntil: Date.now() };
  acts.push(Object.assign(act, known, { trigger: trigger ?? null, payload: payload ?? null }));
}

/** Looks for the answer to an act. */
async function lookFor({ mayAnswer }: Crowd, { sent }: RawAct, at: () => Seen | undefined) {
  let found: Seen | undefined;
  let messageAt: number | undefined;
  await look(
    () => {
      found = at();
      // A private message may be about the act before: then this one's answer appears in the window soon.
      if (found?.how === 'private') {
        messageAt ??= Date.now();
        return Date.now() - messageAt > OTHER_ANSWER_MS || undefined;
      }
      return found !== undefined || !mayAnswer(sent) || undefined;
    },
    { patienceMs: LONGEST_MS },
  );
  return found;
}

async function look<T>(
  at: () => T | undefined,
  { patienceMs = PATIENCE_MS, everyMs = LOOK_MS } = {},
): Promise<T | undefined> {
  for (const began = Date.now(); Date.now() - began < patienceMs; await sleep(everyMs)) {
    const seen = at();
    if (seen !== undefined) return seen;
  }
  return undefined;
}

const inModal = (view: OpenView): Seen => ({
  how: view.submit ? 'question' : 'modal',
  at: Date.now(),
  text: JSON.stringify(view.blocks).slice(0, 4_000),
});

/** A private message of the app that is about this training, or about none. */
function privately(workspace: Workspace, user: string, trainingId: string, since: number): Seen | undefined {
  const word = workspace
    .ephemerals(user)
    .slice(since)
    .find(
      ({ from, text }) =>
        from === 'app' && !/^Cancelled/.test(text) && (text.includes(trainingId) || !/\b5\d{5}\b/.test(text)),
    );
  return word && { how: 'private', at: word.at, text: word.text };
}

function inChannel(workspace: Workspace, channel: string, requestId: string | null): Seen | undefined {
  const card = workspace
    .messages(channel)
    .findLast(({ metadata }) => metadata?.event_payload['request_id'] === requestId);
  return card && { how: 'card', at: card.at, text: card.text };
}

/** The hourglass: the app has something to do first. */
const isWaiting = (view: OpenView): boolean =>
  !view.submit && JSON.stringify(view.blocks).includes(':hourglass_flowing_sand: Checking training ');

function memoryOf({ private_metadata }: OpenView) {
  const {
    trainingId,
    requestId = null,
    shown,
  } = JSON.parse(private_metadata) as {
    trainingId: string;
    requestId?: string;
    shown?: string;
  };
  return { trainingId, requestId, shown };
}

/** The newest card of a channel that still offers to try again. */
function failedCard(workspace: Workspace, channel: string): { ts: string; trainingId: string } | undefined {
  const card = workspace
    .messages(channel)
    .findLast(({ blocks }) => blocks.some(({ elements }) => elements?.some(({ text }) => isTryAgain(text))));
  const trainingId = /\((5\d{5})\) in /.exec(card?.text ?? '')?.[1];
  return card && trainingId ? { ts: card.ts, trainingId } : undefined;
}

const isTryAgain = (text: unknown): boolean => (text as { text?: string } | undefined)?.text === 'Try again';

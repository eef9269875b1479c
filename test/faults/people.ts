import { setTimeout as sleep } from 'node:timers/promises';
import type { ActResult, OpenView, Person, Sent, Workspace } from '../../fakes/slack';
import type { TolokaAccount } from '../../fakes/toloka';
import type { Act, Item, Seen } from './evidence';
import { environmentOf, HOSTILE, type Job, renamed } from './jobs';
import type { Random } from './random';
import type { Rights } from './rights';
import {
  askedIn,
  failedCard,
  inChannel,
  inModal,
  isPicker,
  isPromise,
  isWaiting,
  privately,
  saysPaused,
  textOf,
  toType,
  withAnswers,
} from './screen';

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
  /** Somebody has paused archiving, and people know. */
  paused: boolean;
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
/** How often they begin again because somebody had paused archiving. */
const PAUSES = 3;
/** How often they search for a training before they type the command instead. */
const SEARCHES = 3;
/** How long they wait for the app to come back, and then how long until they have noticed it, in ms. */
const OUTAGE_MS = 8_000;
const NOTICE_MS: [number, number] = [500, 3_000];
/** Some do not wait for it. */
const IMPATIENT = 0.15;
/** A hasty person closes the window so long after the click, in ms. */
const HASTE_MS: [number, number] = [0, 400];

/** One person works through their list, one thing after the other, as people do. */
export async function work(crowd: Crowd, user: string, jobs: readonly Job[], random: Random): Promise<void> {
  await sleep(random.whole(0, 1_500));
  const person = crowd.workspace.person(user);
  for (const job of jobs)
    for (let tries = 0; tries < PAUSES && Date.now() < crowd.until; tries++) {
      await doJob(crowd, person, job, random.stream(`${job.trainingIds[0]} ${tries}`));
      const view = person.modal();
      if (!view || !saysPaused(view)) break;
      await look(() => !crowd.paused || undefined, { patienceMs: LONGEST_MS });
    }
}

async function doJob(crowd: Crowd, person: Person, job: Job, random: Random): Promise<void> {
  const { account, rights } = crowd;
  if (job.style === 'outsider') rights.takeFrom(person.id);
  const plan =
    (job.picked && (await pick(crowd, person, job, random))) || (await ask(crowd, person, job, random));
  if (!plan?.submit || isPicker(plan)) return rights.giveBack(person.id);
  const { trainingId = '' } = random.pick(askedIn(plan));
  if (job.style === 'cancel') return void (await close(crowd, person, plan, job.channel));
  if (job.style === 'renamed') account.updateTraining(trainingId, renamed(trainingId, random));
  // An archived training can't be opened.
  if (job.style === 'opened' && account.getTraining(trainingId)?.status !== 'ARCHIVED')
    account.updateTraining(trainingId, { status: 'OPEN' });
  if (job.style === 'late') delay(account, trainingId);
  if (job.style === 'raced') race(account, trainingId, random);
  if (job.style === 'revoked') rights.takeFrom(person.id);
  await confirm(crowd, person, job, random);
  rights.giveBack(person.id);
  if (job.style === 'twice') await askAgain(crowd, person, job, random);
}

/** The app tries its next reading of the training again, for two seconds or so. */
const delay = (account: TolokaAccount, trainingId: string) =>
  account.faults.add({
    ...{ method: 'GET', path: /\/trainings\/\d+$/, trainingId, times: 3 },
    fault: { kind: 'status', status: 503 },
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
  const [trainingId = ''] = job.trainingIds;
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

/** Types the command, or clicks on Try again. Returns what the modal shows in the end. */
async function ask(crowd: Crowd, person: Person, job: Job, random: Random): Promise<OpenView | undefined> {
  const { workspace } = crowd;
  const { channel } = job;
  const copies = random.chance(0.04) ? 2 : 1;
  const again = job.style === 'retry' ? failedCard(workspace, channel) : undefined;
  const { trainingIds } = again ?? job;
  return untilAcked(crowd, random, () =>
    again
      ? askOnce(crowd, person, { kind: 'retry', channel, trainingIds }, () =>
          person.click('Try again', { message: again.ts, channel, copies }),
        )
      : askOnce(crowd, person, { kind: 'command', channel, trainingIds }, () =>
          person.command([...trainingIds, environmentOf(trainingIds[0])].join(' '), { channel, copies }),
        ),
  );
}

/** Opens the picker, searches for each training and chooses it. Undefined when that does not lead to an answer. */
async function pick(crowd: Crowd, person: Person, job: Job, random: Random): Promise<OpenView | undefined> {
  const { channel, trainingIds } = job;
  const opening = { kind: 'command', channel, trainingIds: [] } as const;
  const picker = await untilAcked(crowd, random, () =>
    askOnce(crowd, person, opening, () => person.command('', { channel })),
  );
  if (!picker || !isPicker(picker)) return picker;
  const label =
    picker.blocks.find(({ element }) => element?.type === 'multi_external_select')?.label?.text ?? '';
  const chosen: string[] = [];
  for (const id of trainingIds) {
    if (!(await search(crowd, person, { label, id, channel }))) continue;
    // The modal may have turned into a denial.
    if (!isPicker(picker)) return undefined;
    chosen.push(id);
    await person.fill(label, chosen);
  }
  if (person.modal() !== picker || !isPicker(picker)) return undefined;
  if (chosen.length === 0) {
    await person.close();
    return undefined;
  }
  const choice = { kind: 'choice', channel, trainingIds: chosen } as const;
  // An answer that came after Slack's limit has turned it into the plan.
  return untilAcked(crowd, random, async () =>
    isPicker(picker)
      ? askOnce(crowd, person, choice, () => person.submit(), picker)
      : { acked: true, shown: picker },
  );
}

/** Whether the training was among what the search offered. */
async function search(
  crowd: Crowd,
  person: Person,
  { label, id, channel }: { label: string; id: string; channel: string },
): Promise<boolean> {
  for (let tries = 0; tries < SEARCHES; tries++) {
    const act = begin({ kind: 'search', user: person.id, channel, items: withAnswers([id], undefined) });
    // The modal may have turned into a denial.
    const result = await person.suggest(label, id).catch(() => undefined);
    if (result === undefined) return false;
    end(crowd, act, result);
    const values = result.options.map(({ value }) => value);
    act.saw = { how: 'options', at: Date.now(), text: values.join(' ') };
    if (values.includes(id)) return true;
    await sleep(OTHER_ANSWER_MS);
  }
  return false;
}

/** Does it again when Slack says that nobody answered. Returns what the modal shows in the end. */
export async function untilAcked(
  { workspace }: Crowd,
  random: Random,
  once: () => Promise<{ acked: boolean; shown?: OpenView | undefined } | undefined>,
): Promise<OpenView | undefined> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const done = await once();
    if (done === undefined || done.acked) return done?.shown;
    await outage(workspace, random);
  }
  return undefined;
}

/** @param within the modal that the answer replaces; a new one otherwise */
export async function askOnce(
  crowd: Crowd,
  person: Person,
  { kind, channel, trainingIds }: Pick<Act, 'kind' | 'channel'> & { trainingIds: readonly string[] },
  send: () => Promise<ActResult>,
  within?: OpenView,
): Promise<{ acked: boolean; shown?: OpenView | undefined } | undefined> {
  const { workspace } = crowd;
  const before = { view: person.modal()?.id, said: workspace.ephemerals(person.id).length };
  const act = begin({ kind, user: person.id, channel, items: withAnswers(trainingIds, undefined) });
  // The button went away while they reached for it, or the modal turned into a denial.
  const result = await send().catch(() => undefined);
  if (result === undefined) return undefined;
  end(crowd, act, result);
  if (!result.acked) return { acked: false };
  let shown: OpenView | undefined;
  const saw = await lookFor(crowd, act, (): Seen | undefined => {
    const view = person.modal();
    const isNew = within ? view === within && !isPicker(view) : view && view.id !== before.view;
    if (view && isNew && !isWaiting(view)) {
      shown = view;
      return inModal(view);
    }
    return privately(workspace, person.id, { trainingIds, since: before.said });
  });
  act.saw = saw ?? null;
  act.lookedUntil = Date.now();
  act.items = withAnswers(trainingIds, shown);
  return { acked: true, shown };
}

/** Fills in and submits, again when Slack had trouble or the plan had changed. */
async function confirm(crowd: Crowd, person: Person, job: Job, random: Random): Promise<void> {
  const { workspace } = crowd;
  const { channel, style } = job;
  for (let tries = 1; tries <= TRIES; tries++) {
    const view = person.modal();
    if (!view?.submit) return;
    const items = askedIn(view);
    const wanted = toType(view);
    await person.fill('Reason', `no longer used, ${person.name} ${HOSTILE}`);
    if (wanted) await person.fill(wanted.label, wanted.text);
    const act = begin({ kind: 'submit', user: person.id, channel, items });
    act.plan = textOf(view);
    const since = workspace.ephemerals(person.id).length;
    const submitting = person.submit({ copies: style === 'doubled' || style === 'raced' ? 2 : 1 });
    if (style === 'hasty') act.closedMeanwhile = await closeSoon(crowd, person, { view, channel, random });
    const result = await submitting;
    end(crowd, act, result);
    act.response = result.response_action ?? null;
    if (!result.acked) {
      if (act.closedMeanwhile) return;
      await outage(workspace, random);
      continue;
    }
    if (style === 'hasty' && person.modal() === view && isPromise(view))
      await close(crowd, person, view, channel);
    const saw = await lookFor(crowd, act, (): Seen | undefined => {
      if (result.errors) return { how: 'modal', at: Date.now(), text: JSON.stringify(result.errors) };
      if (person.modal() === view && !isPromise(view)) return inModal(view);
      const ids = items.map(({ requestId }) => requestId);
      const about = {
        trainingIds: items.map((one) => one.trainingId),
        since,
        inWindow: true,
        cancelled: act.closedMeanwhile,
      };
      return privately(workspace, person.id, about) ?? inChannel(workspace, channel, ids);
    });
    act.saw = saw ?? null;
    act.lookedUntil = Date.now();
    if (result.errors || act.closedMeanwhile) return;
    // Reads the newer plan for a moment: what happens meanwhile was not confirmed by anybody.
    if (style === 'raced') await sleep(READ_MS);
  }
}

/** Closes the window while the click is on its way. Returns whether it was still there. */
async function closeSoon(
  crowd: Crowd,
  person: Person,
  { view, channel, random }: { view: OpenView; channel: string; random: Random },
): Promise<boolean> {
  const { updates } = view;
  await sleep(random.whole(...HASTE_MS));
  if (person.modal() !== view || view.updates !== updates) return false;
  await close(crowd, person, view, channel);
  return true;
}

async function close(crowd: Crowd, person: Person, view: OpenView, channel: string): Promise<void> {
  const act = begin({ kind: 'close', user: person.id, channel, items: askedIn(view) });
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

export const begin = (about: Pick<RawAct, 'kind' | 'user' | 'channel'> & { items: Item[] }): RawAct => ({
  ...about,
  ...{ at: Date.now(), acked: false, error: null, afterMs: 0, problems: [], sent: [], trigger: null },
  ...{ payload: null, plan: null, shown: [], response: null, closedMeanwhile: false },
  ...{ saw: null, lookedUntil: Date.now() },
});

export function end({ acts }: Crowd, act: RawAct, result: ActResult): void {
  const { acked, error, afterMs, problems, acks, trigger, payload } = result;
  const sent = acks.flatMap((ack) => ack.sent ?? []);
  const known = { acked, error: error ?? null, afterMs, problems, sent, lookedUntil: Date.now() };
  acts.push(Object.assign(act, known, { trigger: trigger ?? null, payload: payload ?? null }));
}

/** Looks for the answer to an act. */
export async function lookFor({ mayAnswer }: Crowd, { sent }: RawAct, at: () => Seen | undefined) {
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

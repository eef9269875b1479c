import type { Answers, Asked, Confirmation, Confirmed, Denied, Shown, Target, Wanted } from './answers';
import { type ApprovalDenial, approvalFor, createApprovals } from './approval';
import { OpenRequestExistsError, RequestChangedError } from './errors';
import { type Drift, describeDrift, type Plan, readPlan } from './plan';
import type { Actor } from './policy';
import type { Deps } from './ports';
import { newLease } from './record';
import type { ArchiveRequest } from './request';
import { runStep } from './step';
import { FRESH_MS, PLAN_LIFE_MS } from './timing';

export type { Actor } from './policy';
export type ArchiveService = ReturnType<typeof createService>;

type DenialSubject = Partial<Target> & { requestId?: string; detail?: string };

/** A planned request, and how its plan is now. */
interface Ready {
  kind: 'ready';
  request: ArchiveRequest;
}

/**
 * The use case, as the handlers see it. Each answer is a value; what throws is a fault of the app or its journal. Every
 * method that takes several trainings handles each as a request of its own.
 */
export function createService(deps: Deps) {
  const { journal, cards, clock, environments, policy, newId, logger } = deps;
  /** When (epoch ms) this process showed a plan that nobody has confirmed since, by request ID. */
  const shownHere = new Map<string, number>();

  /** Records a denial. Never throws: the person must get the answer in any case. */
  async function deny(actor: Actor, code: string, about: DenialSubject = {}): Promise<void> {
    const { detail = '', environment = null, trainingId = null, requestId = null } = about;
    const subject = { environment, trainingId, requestId };
    const { user, channel, team } = actor;
    const denial = { id: newId(), at: clock.now(), code, detail, user, team, channel, ...subject };
    try {
      await journal.deny(denial);
    } catch (error) {
      logger.error('denial not recorded', { denial, error });
    }
    logger.info('denied', { denial });
  }

  async function denied(
    actor: Actor,
    denial: Omit<Denied, 'kind'>,
    about: DenialSubject = {},
  ): Promise<Denied> {
    await deny(actor, denial.code, about);
    return { kind: 'denied', ...denial };
  }

  /** Whether this person may archive now; null when they may. */
  async function checkActor(actor: Actor): Promise<Omit<Denied, 'kind'> | null> {
    const [denial, pause] = await Promise.all([policy(actor), journal.pause()]);
    if (denial !== null) return { code: denial };
    return pause === null ? null : { code: 'paused', pause };
  }

  const readCurrent = ({ environment: name, trainingId }: Target, projectId?: string) => {
    const environment = environments.get(name);
    return environment && readPlan(environment, trainingId, clock.now(), { projectId });
  };

  /**
   * Shows what would be archived. When nothing blocks a training, a `planned` request is written, which can be confirmed
   * or cancelled.
   */
  async function ask(actor: Actor, wanted: readonly Wanted[]): Promise<Answers<Asked>> {
    const looking = Promise.all([
      cards.reach(actor.channel),
      ...wanted.map((target) => Promise.all([findOpen(target), readCurrent(target)])),
    ] as const);
    // A denial need not wait for the rest, which must not go unhandled then.
    looking.catch(() => {});
    const denial = await checkActor(actor);
    const about = wanted.length === 1 ? aboutTarget(wanted[0]) : {};
    if (denial !== null) return denied(actor, denial, about);
    const [reach, ...looks] = await looking;
    if (reach === 'direct_message') return denied(actor, { code: reach }, about);
    const notInChannel = reach === 'not_in_channel';
    const each: Asked[] = [];
    for (const [i, target] of wanted.entries()) {
      const [open, plan] = looks[i] ?? [];
      each.push(await answer(actor, target, { open, plan, notInChannel }));
    }
    return { kind: 'answers', each };
  }

  const findOpen = ({ environment, trainingId }: Target) => journal.findOpen(environment, trainingId);

  interface Look {
    open: ArchiveRequest | undefined;
    plan: Plan | undefined;
    notInChannel: boolean;
  }

  async function answer(actor: Actor, target: Wanted, { open, plan, notInChannel }: Look): Promise<Asked> {
    if (plan === undefined) return denied(actor, { code: 'environment_not_set' }, aboutTarget(target));
    if (open !== undefined) return alreadyOpen(actor, open);
    if (plan.blockers.length > 0 || notInChannel)
      return blocked(actor, plan, { notInChannel, about: aboutTarget(target) });
    const { environment, trainingId, retryOf = null } = target;
    const { user: requester, channel, team, enterprise = null } = actor;
    const identity = {
      id: newId(),
      team,
      environment,
      trainingId,
      requester,
      channel,
      createdAt: clock.now(),
    };
    const request = await journal.create({ ...identity, plan, retryOf, enterprise });
    remember(request);
    const facts = { request: request.id, user: requester, channel, environment, training: trainingId };
    logger.info('asked', facts);
    return { kind: 'planned', request, changes: [] };
  }

  async function alreadyOpen(actor: Actor, request: ArchiveRequest): Promise<Asked> {
    const { environment, trainingId, id } = request;
    await deny(actor, 'already_open', { environment, trainingId, detail: id });
    return { kind: 'already_open', request };
  }

  /** Reports what blocks the training, and records that it was reported. */
  async function blocked(
    actor: Actor,
    plan: Plan,
    {
      changes = [],
      notInChannel = false,
      about,
    }: { changes?: Drift[]; notInChannel?: boolean; about: DenialSubject },
  ): Promise<Asked> {
    const codes = [...plan.blockers, ...(notInChannel ? ['not_in_channel'] : [])];
    await deny(actor, codes[0] ?? 'blocked', { ...about, detail: codes.join(', ') });
    return { kind: 'blocked', plan, changes, notInChannel };
  }

  /**
   * Confirms the plans that were shown: planned → confirmed or awaiting_approval. All of them, or none when one is not as
   * it was shown. Answers when the card is in the channel, or none can be. `reason` is recorded.
   */
  async function confirm(actor: Actor, shown: readonly Shown[], reason: string): Promise<Confirmation> {
    const requests = await Promise.all(shown.map(({ requestId }) => journal.get(requestId)));
    const asked = await Promise.all(shown.map((one, i) => checkShown(actor, one, requests[i])));
    const isAsked = asked.every((one) => 'kind' in one && one.kind === 'ready');
    const checked = isAsked ? await checkNow(actor, asked as Ready[]) : asked;
    const settled = Promise.resolve();
    if (!Array.isArray(checked)) return { ...checked, done: settled };
    if (!checked.every((one) => one.kind === 'ready')) {
      // Those that could have been archived are shown once more.
      const each = checked.map(
        (one): Confirmed =>
          one.kind === 'ready' ? { kind: 'planned', request: one.request, changes: [], repeated: true } : one,
      );
      return { kind: 'answers', each, done: settled };
    }
    return commit(
      actor,
      checked.map(({ request }) => request),
      reason,
    );
  }

  /** Whether the click is for the plan that the request still has. */
  async function checkShown(
    actor: Actor,
    { requestId, fingerprint }: Shown,
    request: ArchiveRequest | undefined,
  ): Promise<Ready | Confirmed> {
    if (request === undefined) return denied(actor, { code: 'request_unknown' }, { requestId });
    if (request.state !== 'planned') return alreadyDecided(actor, request);
    const about = aboutOf(request);
    if (request.requester !== actor.user) return denied(actor, { code: 'not_yours' }, about);
    if (clock.now() - request.createdAt > PLAN_LIFE_MS) {
      await ifUnchanged(journal.advance(fence(request, 'app'), { kind: 'expired' }));
      return denied(actor, { code: 'plan_expired' }, about);
    }
    // The click was for an earlier plan of this request; this one may not have been seen yet.
    return fingerprint === request.plan.fingerprint
      ? { kind: 'ready', request }
      : outdated(actor, null, request);
  }

  /** The checks of `ask` once more, all at the same time. */
  async function checkNow(actor: Actor, ready: readonly Ready[]): Promise<Denied | (Ready | Confirmed)[]> {
    const [denial, looks] = await Promise.all([
      checkActor(actor),
      Promise.all(
        ready.map(({ request }) =>
          Promise.all([findOpen(request), readCurrent(request, request.plan.training?.projectId)]),
        ),
      ),
    ]);
    const [first] = ready;
    if (denial !== null)
      return denied(actor, denial, ready.length === 1 && first ? aboutOf(first.request) : {});
    return Promise.all(
      ready.map(async (one, i) => {
        const [open, plan] = looks[i] ?? [];
        return checkPlan(actor, one.request, open, plan);
      }),
    );
  }

  async function checkPlan(
    actor: Actor,
    request: ArchiveRequest,
    open: ArchiveRequest | undefined,
    plan: Plan | undefined,
  ): Promise<Ready | Confirmed> {
    const about = aboutOf(request);
    if (plan === undefined) return denied(actor, { code: 'environment_not_set' }, about);
    if (open !== undefined)
      return open.id === request.id ? alreadyDecided(actor, open) : alreadyOpen(actor, open);
    const changes = describeDrift(request.plan, plan);
    if (plan.blockers.length > 0) return blocked(actor, plan, { changes, about });
    if (changes.length === 0) return { kind: 'ready', request };
    try {
      const change = { kind: 'replanned', plan, changes } as const;
      const replanned = await journal.advance(fence(request, actor.user), change);
      remember(replanned);
      await deny(actor, 'plan_drifted', { ...about, detail: changesOf(changes) });
      return { kind: 'planned', request: replanned, changes };
    } catch (error) {
      return decidedMeanwhile(actor, request, error);
    }
  }

  /** The point of no return for the person, but not yet for the trainings. The first one's card shows them all. */
  async function commit(
    actor: Actor,
    requests: readonly ArchiveRequest[],
    reason: string,
  ): Promise<Confirmation> {
    const each: Confirmed[] = [];
    const begun: { request: ArchiveRequest; fresh: boolean }[] = [];
    for (const [place, request] of requests.entries()) {
      const { id, environment, trainingId } = request;
      // Anything else is checked like a request that was taken over: the journal may be a restored backup.
      const fresh = clock.now() - (shownHere.get(id) ?? 0) < FRESH_MS;
      shownHere.delete(id);
      const batch = requests.length === 1 ? null : (begun[0]?.request.id ?? id);
      const approval = approvalFor(deps, environment);
      const commitment = { reason, batch, place };
      try {
        const confirmed = await journal.advance(
          { ...fence(request, actor.user), take: newLease(deps) },
          approval === null
            ? { kind: 'confirmed', ...commitment }
            : { kind: 'approval_requested', ...commitment, approval },
        );
        logger.info('confirmed', { request: id, user: actor.user, training: trainingId, environment });
        begun.push({ request: confirmed, fresh });
        each.push({ kind: 'confirmed', request: confirmed });
      } catch (error) {
        each.push(await decidedMeanwhile(actor, request, error));
      }
    }
    const [first, ...others] = begun;
    if (first === undefined) return { kind: 'answers', each, done: Promise.resolve() };
    const { card, done } = runFirst(first);
    const shown = await card;
    const rest = others.map(({ request, fresh }) =>
      // Without a card the others end as the first one did.
      runStep(deps, shown.card ? { ...request, card: shown.card } : request, { fresh }),
    );
    const latest = each.map((one) =>
      one.kind === 'confirmed' && one.request.id === shown.id ? { ...one, request: shown } : one,
    );
    return { kind: 'answers', each: latest, done: Promise.all([done, ...rest]) };
  }

  /** `card`: resolves as soon as the card is in the channel, or the step has ended. @throws both, what the step throws */
  function runFirst({ request, fresh }: { request: ArchiveRequest; fresh: boolean }) {
    let onCard: (posted: ArchiveRequest) => void = () => {};
    const posted = new Promise<ArchiveRequest>((resolve) => {
      onCard = resolve;
    });
    const done = runStep(deps, request, { fresh, onCard });
    const ended = done.then(async (after) => after ?? (await journal.get(request.id)) ?? request);
    return { card: Promise.race([posted, ended]), done: ended };
  }

  /** What a click brought that came together with another one. @throws any other error */
  async function decidedMeanwhile(actor: Actor, request: ArchiveRequest, error: unknown): Promise<Confirmed> {
    if (error instanceof OpenRequestExistsError) {
      const open = await findOpen(request);
      if (open === undefined) throw error;
      return alreadyOpen(actor, open);
    }
    if (!(error instanceof RequestChangedError)) throw error;
    const now = (await journal.get(request.id)) ?? request;
    // The same click was delivered twice, and the other delivery has found a newer plan.
    return now.state === 'planned' ? outdated(actor, request, now) : alreadyDecided(actor, now);
  }

  async function alreadyDecided(actor: Actor, request: ArchiveRequest): Promise<Confirmed> {
    await deny(actor, 'already_decided', { ...aboutOf(request), detail: request.state });
    return { kind: 'already_decided', request };
  }

  /** `before` is what the person saw, where it is known. */
  async function outdated(
    actor: Actor,
    before: ArchiveRequest | null,
    request: ArchiveRequest,
  ): Promise<Confirmed> {
    const drift = before === null ? [] : describeDrift(before.plan, request.plan);
    const changes: Drift[] = drift.length > 0 ? drift : [{ what: 'details' }];
    await deny(actor, 'plan_drifted', { ...aboutOf(request), detail: changesOf(changes) });
    return { kind: 'planned', request, changes, repeated: true };
  }

  /** planned → cancelled, by the requester. */
  async function cancel(actor: Actor, requestId: string): Promise<'cancelled' | 'already_decided'> {
    const request = await journal.get(requestId);
    if (request?.state !== 'planned' || request.requester !== actor.user) return 'already_decided';
    const done = await ifUnchanged(journal.advance(fence(request, actor.user), { kind: 'cancelled' }));
    return done ? 'cancelled' : 'already_decided';
  }

  /** The last request for the training that has ended. Never throws: a plan without it is better than no plan. */
  async function lastEnded({ environment, trainingId }: Target): Promise<ArchiveRequest | undefined> {
    try {
      return await journal.lastEnded(environment, trainingId);
    } catch (error) {
      logger.error('last request not read', { environment, training: trainingId, error });
      return undefined;
    }
  }

  function remember({ id }: ArchiveRequest): void {
    const now = clock.now();
    for (const [known, at] of shownHere) if (now - at >= FRESH_MS) shownHere.delete(known);
    shownHere.set(id, now);
  }

  const fence = ({ id, version }: ArchiveRequest, actor: string) => ({ id, version, actor, at: clock.now() });
  const denyApproval = (actor: Actor, code: ApprovalDenial, request?: ArchiveRequest, detail = '') =>
    deny(actor, code, { ...(request && aboutOf(request)), detail });

  return {
    ask,
    confirm,
    cancel,
    deny,
    lastEnded,
    requestOf: (id: string) => journal.get(id),
    /** The requests on the card of this one. */
    onCardOf: (id: string) => journal.batch(id),
    ...createApprovals(deps, denyApproval),
  };
}

/** Whether the change was written: false when the request was another one by then. */
async function ifUnchanged(advanced: Promise<unknown>): Promise<boolean> {
  try {
    await advanced;
    return true;
  } catch (error) {
    if (error instanceof RequestChangedError) return false;
    throw error;
  }
}

const aboutTarget = (target?: Target): DenialSubject =>
  target === undefined ? {} : { environment: target.environment, trainingId: target.trainingId };

const aboutOf = ({ id, environment, trainingId }: ArchiveRequest): DenialSubject => ({
  requestId: id,
  environment,
  trainingId,
});

const changesOf = (changes: readonly Drift[]): string => changes.map(({ what }) => what).join(', ');

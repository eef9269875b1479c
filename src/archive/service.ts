import { OpenRequestExistsError, RequestChangedError } from './errors';
import { type Drift, describeDrift, type Plan, readPlan } from './plan';
import type { Actor, PolicyDenial } from './policy';
import type { Deps } from './ports';
import { newLease } from './record';
import type { ArchiveRequest } from './request';
import { runStep } from './step';
import { FRESH_MS, PLAN_LIFE_MS } from './timing';

export type { Actor } from './policy';

export interface Target {
  environment: string;
  trainingId: string;
}

/** The plan that somebody looked at when they clicked. */
export interface Shown {
  requestId: string;
  fingerprint: string;
}

/** Why something was denied. Recorded already. The words for people are in `messages/`. */
export type DenialCode =
  | PolicyDenial
  | 'direct_message'
  | 'environment_not_set'
  | 'already_open'
  | 'already_decided'
  | 'request_unknown'
  | 'not_yours'
  | 'plan_drifted'
  | 'plan_expired';

export interface Denied {
  kind: 'denied';
  code: DenialCode;
}

export type Asked =
  | Denied
  /** Another request for this training is in progress. */
  | { kind: 'already_open'; request: ArchiveRequest }
  /** `notInChannel`: the app cannot post the card there. */
  | { kind: 'blocked'; plan: Plan; changes: Drift[]; notInChannel?: boolean }
  /** `changes`: how it differs from the plan that was confirmed; empty for a first plan. */
  | { kind: 'planned'; request: ArchiveRequest; changes: Drift[]; repeated?: true };

export type Confirmed =
  | Asked
  /** It was confirmed or cancelled earlier, so this click changed nothing. */
  | { kind: 'already_decided'; request: ArchiveRequest }
  /** It is recorded, and got as far as `request.state` says. */
  | { kind: 'confirmed'; request: ArchiveRequest };

/** The use case, as the handlers see it. Each answer is a value; what throws is a fault of the app or its journal. */
export interface ArchiveService {
  /**
   * Shows what would be archived. When nothing blocks it, a `planned` request is written, which can be confirmed or
   * cancelled. `retryOf` is the request that is repeated.
   */
  ask(actor: Actor, target: Target, retryOf?: string | null): Promise<Asked>;
  /** Confirms the plan that was shown: planned → confirmed, and on to Toloka. `reason` is recorded. */
  confirm(actor: Actor, shown: Shown, reason: string): Promise<Confirmed>;
  /** planned → cancelled, by the requester. */
  cancel(actor: Actor, requestId: string): Promise<'cancelled' | 'already_decided'>;
  /** Records a denial that a handler found itself. Never throws: the person must get the answer in any case. */
  deny(
    actor: Actor,
    code: string,
    about?: Partial<Target> & { requestId?: string; detail?: string },
  ): Promise<void>;
  requestOf(id: string): Promise<ArchiveRequest | undefined>;
  /** The last request for the training that has ended. Never throws: a plan without it is better than no plan. */
  lastEnded(target: Target): Promise<ArchiveRequest | undefined>;
}

type Checked =
  | Denied
  | Extract<Asked, { kind: 'already_open' }>
  | { kind: 'checked'; plan: Plan; notInChannel: boolean };

interface BlockedOptions {
  changes?: Drift[];
  notInChannel?: boolean;
  requestId?: string;
}

export function createService(deps: Deps): ArchiveService {
  const { journal, cards, clock, environments, policy, newId, logger } = deps;
  /** When (epoch ms) this process showed a plan that nobody has confirmed since, by request ID. */
  const shownHere = new Map<string, number>();

  const deny: ArchiveService['deny'] = async (actor, code, about = {}) => {
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
  };

  async function denied(actor: Actor, code: DenialCode, about: Parameters<typeof deny>[2]): Promise<Denied> {
    await deny(actor, code, about);
    return { kind: 'denied', code };
  }

  /** The checks before every plan and every confirmation, and the plan as it is now. */
  async function check(
    actor: Actor,
    { environment: name, trainingId }: Target,
    confirming?: ArchiveRequest,
  ): Promise<Checked> {
    const about = { environment: name, trainingId, ...(confirming && { requestId: confirming.id }) };
    const environment = environments.get(name);
    if (environment === undefined) return denied(actor, 'environment_not_set', about);
    const denial = await policy(actor);
    if (denial !== null) return denied(actor, denial, about);
    const projectId = confirming?.plan.training?.projectId;
    const [open, plan, reach] = await Promise.all([
      journal.findOpen(name, trainingId),
      readPlan(environment, trainingId, clock.now(), { projectId }),
      // At the confirmation the post of the card itself shows it.
      confirming ? 'yes' : cards.reach(actor.channel),
    ]);
    if (reach === 'direct_message') return denied(actor, reach, about);
    if (open === undefined) return { kind: 'checked', plan, notInChannel: reach === 'not_in_channel' };
    await deny(actor, 'already_open', { ...about, detail: open.id });
    return { kind: 'already_open', request: open };
  }

  /** Reports what blocks the training, and records that it was reported. */
  async function blocked(
    actor: Actor,
    plan: Plan,
    { changes = [], notInChannel = false, requestId }: BlockedOptions,
  ): Promise<Asked> {
    const { environment, trainingId, blockers } = plan;
    const about = { environment, trainingId, ...(requestId !== undefined && { requestId }) };
    const codes = [...blockers, ...(notInChannel ? ['not_in_channel'] : [])];
    await deny(actor, codes[0] ?? 'blocked', { ...about, detail: codes.join(', ') });
    return { kind: 'blocked', plan, changes, notInChannel };
  }

  async function ask(actor: Actor, target: Target, retryOf: string | null = null): Promise<Asked> {
    const checked = await check(actor, target);
    if (checked.kind !== 'checked') return checked;
    const { plan, notInChannel } = checked;
    if (plan.blockers.length > 0 || notInChannel) return blocked(actor, plan, { notInChannel });
    const { environment, trainingId } = target;
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
    logger.info('asked', {
      request: request.id,
      user: requester,
      channel,
      environment,
      training: trainingId,
    });
    return { kind: 'planned', request, changes: [] };
  }

  async function confirm(actor: Actor, shown: Shown, reason: string): Promise<Confirmed> {
    const { requestId } = shown;
    const request = await journal.get(requestId);
    if (request === undefined) return denied(actor, 'request_unknown', { requestId });
    try {
      return await confirmPlanned(actor, request, shown, reason);
    } catch (error) {
      if (!(error instanceof RequestChangedError)) throw error;
      const now = (await journal.get(requestId)) ?? request;
      // The same click was delivered twice, and the other delivery has found a newer plan.
      return now.state === 'planned' ? outdated(actor, request, now) : alreadyDecided(actor, now);
    }
  }

  async function confirmPlanned(
    actor: Actor,
    request: ArchiveRequest,
    shown: Shown,
    reason: string,
  ): Promise<Confirmed> {
    if (request.state !== 'planned') return alreadyDecided(actor, request);
    if (request.requester !== actor.user) return denied(actor, 'not_yours', aboutOf(request));
    if (clock.now() - request.createdAt > PLAN_LIFE_MS) {
      await journal.advance(fence(request, 'app'), { kind: 'expired' });
      return denied(actor, 'plan_expired', aboutOf(request));
    }
    // The click was for an earlier plan of this request; this one may not have been seen yet.
    if (shown.fingerprint !== request.plan.fingerprint) return outdated(actor, null, request);
    const checked = await check(actor, request, request);
    if (checked.kind !== 'checked') return checked;
    const { plan } = checked;
    const changes = describeDrift(request.plan, plan);
    if (plan.blockers.length > 0) return blocked(actor, plan, { changes, requestId: request.id });
    if (changes.length > 0) {
      const replanned = await journal.advance(fence(request, actor.user), {
        kind: 'replanned',
        plan,
        changes,
      });
      remember(replanned);
      await deny(actor, 'plan_drifted', { ...aboutOf(request), detail: changesOf(changes) });
      return { kind: 'planned', request: replanned, changes };
    }
    return commit(actor, request, reason);
  }

  /** The point of no return for the person, but not yet for the training. */
  async function commit(actor: Actor, request: ArchiveRequest, reason: string): Promise<Confirmed> {
    const { id, environment, trainingId } = request;
    // Anything else is checked like a request that was taken over: the journal may be a restored backup.
    const fresh = clock.now() - (shownHere.get(id) ?? 0) < FRESH_MS;
    shownHere.delete(id);
    try {
      const take = newLease(deps);
      const confirmed = await journal.advance(
        { ...fence(request, actor.user), take },
        { kind: 'confirmed', reason },
      );
      logger.info('confirmed', { request: id, user: actor.user, training: trainingId, environment });
      const after = await runStep(deps, confirmed, { fresh });
      return { kind: 'confirmed', request: after ?? (await journal.get(id)) ?? confirmed };
    } catch (error) {
      const open =
        error instanceof OpenRequestExistsError ? await journal.findOpen(environment, trainingId) : undefined;
      if (open === undefined) throw error;
      await deny(actor, 'already_open', { ...aboutOf(request), detail: open.id });
      return { kind: 'already_open', request: open };
    }
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

  async function cancel(actor: Actor, requestId: string): Promise<'cancelled' | 'already_decided'> {
    const request = await journal.get(requestId);
    if (request?.state !== 'planned' || request.requester !== actor.user) return 'already_decided';
    try {
      await journal.advance(fence(request, actor.user), { kind: 'cancelled' });
      return 'cancelled';
    } catch (error) {
      if (error instanceof RequestChangedError) return 'already_decided';
      throw error;
    }
  }

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

  return { ask, confirm, cancel, deny, requestOf: (id) => journal.get(id), lastEnded };
}

const aboutOf = ({ id, environment, trainingId }: ArchiveRequest) => ({
  requestId: id,
  environment,
  trainingId,
});

const changesOf = (changes: readonly Drift[]): string => changes.map(({ what }) => what).join(', ');

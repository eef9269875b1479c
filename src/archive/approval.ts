import { RequestChangedError } from './errors';
import { type Blocker, type Drift, describeDrift, readPlan } from './plan';
import type { Actor, PolicyDenial } from './policy';
import type { Deps } from './ports';
import { type Leased, record } from './record';
import { type Approval, type ArchiveRequest, isFollower } from './request';
import { announce, type Confirming } from './submit';
import type { Change } from './transitions';

/** Why an approval, a decline or a withdrawal was denied. The words for people are in `messages/`. */
export type ApprovalDenial =
  | Exclude<PolicyDenial, 'access_not_set' | 'not_allowed'>
  | 'approve_not_allowed'
  | 'own_request'
  | 'not_yours'
  | 'already_approved'
  | 'already_decided'
  | 'request_unknown'
  | 'not_checked'
  | 'blocked'
  | 'environment_not_set';

/** What a click on the card of a request that awaits approval brought. */
export type ApprovalResult =
  | { kind: 'denied'; code: ApprovalDenial; blockers?: readonly Blocker[] }
  /** `left`: how many more people must approve. */
  | { kind: 'approved'; request: ArchiveRequest; left: number }
  /** The plan changed, so nothing is approved any more. */
  | { kind: 'voided'; request: ArchiveRequest; changes: Drift[] }
  /** The request has ended. */
  | { kind: 'ended'; request: ArchiveRequest };

/** Enough for everybody whom a request may need, all at the same instant. */
const TRIES = 10;

/** What approvals a request for this environment needs now; null when none. */
export function approvalFor({ approval, clock }: Deps, environment: string): Approval | null {
  const needed = approval.needed(environment);
  if (needed === 0) return null;
  const { everyone, people, groups } = approval.audience;
  const audience = { everyone, people: [...people], groups: [...groups] };
  return {
    needed,
    audience,
    given: [],
    changes: [],
    declined: null,
    ...period(clock.now(), approval.lifeMs),
  };
}

const period = (askedAt: number, lifeMs: number) => ({ askedAt, until: askedAt + lifeMs, remindedAt: null });

/**
 * Puts the card into the channel, reminds the approvers once, half-way, and ends the request when their time is over.
 * States: awaiting_approval, or → expired | not_started.
 * @throws LeaseLostError
 */
export async function awaitApproval(deps: Deps, leased: Leased, confirming: Confirming): Promise<Leased> {
  const announced = await announce(deps, leased, confirming);
  const { request, lease } = announced;
  const { approval } = request;
  if (request.state !== 'awaiting_approval' || request.card === null || approval === null) return announced;
  const now = deps.clock.now();
  const { askedAt, until, remindedAt } = approval;
  if (now >= until) return record(deps, announced, { kind: 'approval_expired' });
  const half = askedAt + (until - askedAt) / 2;
  // One reminder serves a batch.
  const isReminded = remindedAt !== null || isFollower(request);
  if (!isReminded && now >= half) return record(deps, announced, { kind: 'reminded', stepAt: until });
  const publishAt = leased.request.card === null ? now : request.publishAt;
  return { request: { ...request, stepAt: isReminded ? until : half, publishAt }, lease };
}

type Deny = (actor: Actor, code: ApprovalDenial, request?: ArchiveRequest, detail?: string) => Promise<void>;

/** The clicks on a card that awaits approval. Each is for all requests of the card that still await it. */
export function createApprovals(deps: Deps, deny: Deny) {
  const { journal, clock, environments, policy, approval: rules } = deps;

  async function denied(
    actor: Actor,
    code: ApprovalDenial,
    request?: ArchiveRequest,
    blockers: readonly Blocker[] = [],
  ): Promise<ApprovalResult> {
    await deny(actor, code, request, blockers.join(', '));
    return { kind: 'denied', code, ...(blockers.length > 0 && { blockers }) };
  }

  const advance = ({ id, version }: ArchiveRequest, actor: Actor, change: Change) =>
    journal.advance({ id, version, at: clock.now(), actor: actor.user }, change);

  /** Does it for each request of the card that awaits approval, each as it is by then. */
  async function forEach(
    actor: Actor,
    cardOf: string,
    act: (request: ArchiveRequest) => Promise<ApprovalResult>,
    check: (request: ArchiveRequest) => Promise<ApprovalDenial | null>,
  ): Promise<ApprovalResult[]> {
    const requests = await journal.batch(cardOf);
    const [first] = requests;
    if (first === undefined) return [await denied(actor, 'request_unknown')];
    const waiting = requests.filter(({ state }) => state === 'awaiting_approval');
    if (waiting.length === 0) return [await denied(actor, 'already_decided', first)];
    const denial = await check(first);
    if (denial !== null) return [await denied(actor, denial, first)];
    return Promise.all(waiting.map((request) => withRetries(actor, request, act)));
  }

  /** Somebody else may act on the request at the same instant: then it is read again. */
  async function withRetries(
    actor: Actor,
    given: ArchiveRequest,
    act: (request: ArchiveRequest) => Promise<ApprovalResult>,
  ): Promise<ApprovalResult> {
    let request: ArchiveRequest | undefined = given;
    for (let tries = 1; request?.state === 'awaiting_approval'; tries++) {
      try {
        return await act(request);
      } catch (error) {
        if (!(error instanceof RequestChangedError) || tries === TRIES) throw error;
        request = await journal.get(given.id);
      }
    }
    return denied(actor, 'already_decided', request);
  }

  /** Who may approve or decline: approvers, except for the person who asked. */
  async function checkApprover(
    actor: Actor,
    { requester, channel }: ArchiveRequest,
  ): Promise<ApprovalDenial | null> {
    if (requester === actor.user) return 'own_request';
    // The click may come from the Home tab. The card is in the channel.
    const denial = await rules.policy({ ...actor, channel });
    return denial === 'not_allowed' || denial === 'access_not_set' ? 'approve_not_allowed' : denial;
  }

  async function approveOne(actor: Actor, request: ArchiveRequest): Promise<ApprovalResult> {
    const { user } = actor;
    const { needed, given, until } = request.approval ?? { needed: 1, given: [], until: 0 };
    if (clock.now() >= until) return denied(actor, 'already_decided', request);
    if (given.some((one) => one.user === user)) return denied(actor, 'already_approved', request);
    const left = needed - given.length - 1;
    if (left <= 0) return release(actor, request);
    return { kind: 'approved', request: await advance(request, actor, { kind: 'approved', user }), left };
  }

  /** The last approval. What was approved is what runs, so the plan and the requester's right are checked again. */
  async function release(actor: Actor, request: ArchiveRequest): Promise<ApprovalResult> {
    const { environment: name, trainingId, approval } = request;
    const environment = environments.get(name);
    if (environment === undefined) return denied(actor, 'environment_not_set', request);
    const projectId = request.plan.training?.projectId;
    const [denial, plan] = await Promise.all([
      policy({ ...request, user: request.requester }),
      readPlan(environment, trainingId, clock.now(), { projectId }),
    ]);
    if (denial === 'access_unknown') return denied(actor, 'access_unknown', request);
    if (denial !== null) {
      const outcome = { code: 'right_lost' };
      return { kind: 'ended', request: await advance(request, actor, { kind: 'not_started', outcome }) };
    }
    const changes = describeDrift(request.plan, plan);
    const isUnread = changes.length > 0 && changes.every(({ what, to }) => what === 'unread' && to !== null);
    if (isUnread) return denied(actor, 'not_checked', request);
    if (changes.length > 0 && approval !== null) {
      const again = { ...approval, ...period(clock.now(), rules.lifeMs) };
      const voided = await advance(request, actor, {
        kind: 'approvals_voided',
        plan,
        changes,
        approval: again,
      });
      return { kind: 'voided', request: voided, changes };
    }
    if (plan.blockers.length > 0) return denied(actor, 'blocked', request, plan.blockers);
    const released = await advance(request, actor, { kind: 'fully_approved', user: actor.user });
    return { kind: 'approved', request: released, left: 0 };
  }

  return {
    /** @param cardOf the ID of the request whose card was clicked */
    approve: (actor: Actor, cardOf: string) =>
      forEach(
        actor,
        cardOf,
        (request) => approveOne(actor, request),
        (request) => checkApprover(actor, request),
      ),

    decline: (actor: Actor, cardOf: string, reason: string) =>
      forEach(
        actor,
        cardOf,
        async (request) => {
          const change = { kind: 'declined', user: actor.user, reason } as const;
          return { kind: 'ended', request: await advance(request, actor, change) };
        },
        (request) => checkApprover(actor, request),
      ),

    withdraw: (actor: Actor, cardOf: string) =>
      forEach(
        actor,
        cardOf,
        async (request) => ({
          kind: 'ended',
          request: await advance(request, actor, { kind: 'withdrawn' }),
        }),
        async ({ requester }) => (requester === actor.user ? null : 'not_yours'),
      ),

    /** Why this person may not approve or decline; null when they may. For what is asked before the click. */
    checkApprover,
  };
}

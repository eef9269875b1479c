import { period } from './approval';
import { aboutOf, type Checks } from './checks';
import { RequestChangedError } from './errors';
import { type Drift, describeDrift, isOnlyUnread } from './plan';
import type { Actor, PolicyDenial } from './policy';
import type { Deps } from './ports';
import { mayHaveBegun } from './reconcile';
import { type ArchiveRequest, isWaiting, type Pause } from './request';
import { type Change, isAllowed } from './transitions';

/** Why an approval, a decline or a withdrawal was denied. The words for people are in `messages/`. */
export type ApprovalDenial =
  | Exclude<PolicyDenial, 'access_not_set' | 'not_allowed'>
  | 'approve_not_allowed'
  | 'own_request'
  | 'not_yours'
  | 'already_approved'
  | 'already_decided'
  | 'approval_expired'
  | 'request_unknown'
  | 'plan_drifted'
  | 'not_checked'
  | 'blocked'
  | 'environment_not_set';

/** `request` is undefined when the journal has none. */
export interface DeniedClick {
  kind: 'denied';
  code: ApprovalDenial;
  request: ArchiveRequest | undefined;
}

/** What a click on the card of a request that waits brought. */
export type ApprovalResult =
  | DeniedClick
  /** `left`: how many more people must approve. `pause`: the one that is on, unless the card shows it. */
  | { kind: 'approved'; request: ArchiveRequest; left: number; pause: Pause | null }
  /** The plan changed, so nothing is approved any more. */
  | { kind: 'voided'; request: ArchiveRequest; changes: Drift[] }
  /** The request has ended. */
  | { kind: 'ended'; request: ArchiveRequest };

type Check = (request: ArchiveRequest) => Promise<ApprovalDenial | null>;
type Act = (request: ArchiveRequest) => Promise<ApprovalResult>;

/** Enough for everybody whom a request may need, all at the same instant. */
const TRIES = 10;

/** What is read for the last approval. The requests of a card share it. */
interface Readings {
  requesterDenial(request: ArchiveRequest): Promise<PolicyDenial | null>;
  planNow: ReturnType<Checks['plansNow']>;
}

/** Who may click, and for which requests of the card the click is. */
interface Rule {
  check: Check;
  isFor(request: ArchiveRequest): boolean;
}

/**
 * The clicks on a card that awaits approval or the end of a pause. Each is for all requests of the card that still do, and
 * each request has its own result. `cardOf` is the ID of the request whose card was clicked.
 */
export function createApprovals(deps: Deps, { deny, plansNow, fence }: Checks) {
  const { journal, clock, environments, policy, approval: rules } = deps;

  async function denied(
    actor: Actor,
    code: ApprovalDenial,
    request: ArchiveRequest | undefined,
    detail = '',
  ): Promise<DeniedClick> {
    await deny(actor, code, { ...(request && aboutOf(request)), detail });
    return { kind: 'denied', code, request };
  }

  const advance = (request: ArchiveRequest, { user }: Actor, change: Change) =>
    journal.advance(fence(request, user), change);

  /** The requests of the card that the click is for, or why it changes nothing. */
  async function waitingOn(
    actor: Actor,
    cardOf: string,
    { check, isFor }: Rule,
  ): Promise<ArchiveRequest[] | DeniedClick> {
    const requests = await journal.batch(cardOf);
    const [first] = requests;
    if (first === undefined) return denied(actor, 'request_unknown', undefined, cardOf);
    const waiting = requests.filter(isFor);
    const denial = await check(first);
    // Only people with the right are told how far it has got.
    if (waiting.length === 0 && (denial === null || denial === 'own_request'))
      return denied(actor, 'already_decided', first, first.state);
    return denial === null ? waiting : denied(actor, denial, first);
  }

  async function forEach(actor: Actor, cardOf: string, rule: Rule, act: Act): Promise<ApprovalResult[]> {
    const waiting = await waitingOn(actor, cardOf, rule);
    if (!Array.isArray(waiting)) return [waiting];
    return Promise.all(waiting.map((request) => withRetries(actor, request, rule, act)));
  }

  /** Somebody else may act on the request at the same instant: then it is read again. */
  async function withRetries(
    actor: Actor,
    given: ArchiveRequest,
    { isFor }: Rule,
    act: Act,
  ): Promise<ApprovalResult> {
    let request: ArchiveRequest | undefined = given;
    for (let tries = 1; request && isFor(request); tries++) {
      try {
        return await act(request);
      } catch (error) {
        if (!(error instanceof RequestChangedError) || tries === TRIES) throw error;
        request = await journal.get(given.id);
      }
    }
    return denied(actor, 'already_decided', request, request?.state);
  }

  /** Who may approve or decline: approvers, except for the person who asked. */
  async function checkApprover(
    actor: Actor,
    { requester, channel }: ArchiveRequest,
  ): Promise<ApprovalDenial | null> {
    if (requester === actor.user) return 'own_request';
    const denial = await rules.policy({ ...actor, channel });
    return denial === 'not_allowed' || denial === 'access_not_set' ? 'approve_not_allowed' : denial;
  }

  async function approveOne(
    actor: Actor,
    request: ArchiveRequest,
    shown: readonly string[],
    readings: Readings,
  ): Promise<ApprovalResult> {
    const { plan, approval } = request;
    const { needed, given, until } = approval ?? { needed: 1, given: [], until: 0 };
    if (clock.now() >= until) return denied(actor, 'approval_expired', request);
    // The card that was clicked showed an earlier plan.
    if (!shown.includes(plan.fingerprint)) return denied(actor, 'plan_drifted', request);
    const { user } = actor;
    if (given.some((one) => one.user === user)) return denied(actor, 'already_approved', request);
    const left = needed - given.length - 1;
    // A plan that is blocked is looked at again: if nothing blocks it any more, it is another plan.
    if (left <= 0 || plan.blockers.length > 0) return release(actor, request, readings);
    const pause = await journal.pause();
    const approved = await advance(request, actor, { kind: 'approved', user });
    return { kind: 'approved', request: approved, left, pause };
  }

  /** The last approval. What was approved is what runs, so the plan and the requester's right are checked again. */
  async function release(actor: Actor, request: ArchiveRequest, readings: Readings): Promise<ApprovalResult> {
    const { approval } = request;
    const projectId = request.plan.training?.projectId;
    const [denial, plan] = await Promise.all([
      readings.requesterDenial(request),
      readings.planNow(request, projectId),
    ]);
    if (plan === undefined) return denied(actor, 'environment_not_set', request);
    if (denial === 'access_unknown') return denied(actor, denial, request, 'of the requester');
    if (denial !== null) {
      const outcome = { code: 'right_lost' };
      return { kind: 'ended', request: await advance(request, actor, { kind: 'not_started', outcome }) };
    }
    const changes = describeDrift(request.plan, plan);
    if (changes.length > 0 && isOnlyUnread(changes)) return denied(actor, 'not_checked', request);
    if (changes.length > 0 && approval !== null) {
      const again = { ...approval, ...period(clock.now(), rules.lifeMs) };
      const change = { kind: 'approvals_voided', plan, changes, approval: again } as const;
      return { kind: 'voided', request: await advance(request, actor, change), changes };
    }
    if (plan.blockers.length > 0) return denied(actor, 'blocked', request, plan.blockers.join(', '));
    const released = await advance(request, actor, { kind: 'fully_approved', user: actor.user });
    return { kind: 'approved', request: released, left: 0, pause: null };
  }

  /**
   * Once this is written, no worker can write the intent to send the request, not even one that holds the lease. But the
   * journal may be a restored copy that does not know of a POST, so Toloka is asked first.
   * @see docs/decisions/0010-a-takeover-trusts-toloka-more-than-the-journal.md
   */
  async function withdrawOne(actor: Actor, request: ArchiveRequest): Promise<ApprovalResult> {
    if (!isWaiting(request)) {
      const environment = environments.get(request.environment);
      if (environment === undefined) return denied(actor, 'environment_not_set', request);
      const begun = await mayHaveBegun(deps, environment, request);
      if (begun === 'unknown') return denied(actor, 'not_checked', request);
      if (begun === 'yes') {
        const doubted = await journal.advance(fence(request, 'app'), { kind: 'late_evidence' });
        return denied(actor, 'already_decided', doubted, doubted.state);
      }
    }
    return { kind: 'ended', request: await advance(request, actor, { kind: 'withdrawn' }) };
  }

  const byApprover = (actor: Actor): Rule => ({
    check: (request) => checkApprover(actor, request),
    isFor: isWaiting,
  });
  const byRequester = ({ user }: Actor): Rule => ({
    check: async ({ requester }) => (requester === user ? null : 'not_yours'),
    isFor: ({ state }) => isAllowed('withdrawn', state),
  });

  return {
    /** @param shown the fingerprints of the plans that the card showed */
    approve: (actor: Actor, cardOf: string, shown: readonly string[]): Promise<ApprovalResult[]> => {
      let looking: ReturnType<typeof policy> | undefined;
      const requesterDenial: Readings['requesterDenial'] = (request) => {
        looking ??= policy({ ...request, user: request.requester });
        return looking;
      };
      const readings = { requesterDenial, planNow: plansNow() };
      return forEach(actor, cardOf, byApprover(actor), (request) =>
        approveOne(actor, request, shown, readings),
      );
    },

    /** Why this person may not decline now; null when they may. For what is asked before they give a reason. */
    checkDecline: async (actor: Actor, cardOf: string): Promise<DeniedClick | null> => {
      const waiting = await waitingOn(actor, cardOf, byApprover(actor));
      return Array.isArray(waiting) ? null : waiting;
    },

    decline: (actor: Actor, cardOf: string, reason: string): Promise<ApprovalResult[]> =>
      forEach(actor, cardOf, byApprover(actor), async (request) => {
        const change = { kind: 'declined', user: actor.user, reason } as const;
        return { kind: 'ended', request: await advance(request, actor, change) };
      }),

    withdraw: (actor: Actor, cardOf: string): Promise<ApprovalResult[]> =>
      forEach(actor, cardOf, byRequester(actor), (request) => withdrawOne(actor, request)),
  };
}

import type { MayArchive } from './access';
import { createAsk } from './ask';
import { drive } from './drive';
import { OpenRequestExistsError, RequestChangedError } from './errors';
import { newLease, type Parts } from './parts';
import { describeDrift } from './plan';
import type { Plan } from './plan-types';
import { createRefuse, type Refuse } from './refusals';
import type { ArchiveRequest } from './request';
import type { Actor, Asked, Confirmed, Refused, Shown, Target } from './results';
import { PLAN_LIFE_MS } from './timing';

/** The use case, as the handlers see it. Every answer is a value; what throws is a fault of this app or its journal. */
export interface ArchiveService {
  ask(actor: Actor, target: Target, retryOf?: string): Promise<Asked>;
  /** Confirms what was shown, and nothing newer: planned → confirmed, and on to Toloka. `reason` is for the record. */
  confirm(actor: Actor, shown: Shown, reason: string): Promise<Confirmed>;
  /** planned → cancelled. */
  cancel(actor: Actor, requestId: string): Promise<'cancelled' | 'settled_before'>;
  refuse: Refuse;
  requestOf(id: string): Promise<ArchiveRequest | undefined>;
}

/** Ask, confirm, cancel. What happens after a confirmation is the driver's. */
export function createArchiveService(parts: Parts, mayArchive: MayArchive): ArchiveService {
  const { journal, clock, logger } = parts;
  const refuse = createRefuse(parts);
  const { ask, check, blocked } = createAsk(parts, mayArchive, refuse);

  async function confirm(actor: Actor, shown: Shown, reason: string): Promise<Confirmed> {
    const { requestId } = shown;
    const request = await journal.get(requestId);
    if (request === undefined)
      return refuse(actor, 'request_unknown', 'This request is not in the journal. Type the command again.');
    try {
      return await confirmAs(actor, request, shown, reason);
    } catch (error) {
      if (!(error instanceof RequestChangedError)) throw error;
      const now = (await journal.get(requestId)) ?? request;
      if (now.state !== 'planned') return settledBefore(actor, now);
      // The same click was delivered twice, and the other one has met the newer plan.
      const changes = describeDrift(request.plan, now.plan);
      await refuse(actor, 'plan_drifted', changes.join('; '), aboutOf(now));
      return { kind: 'planned', request: now, changes, repeated: true };
    }
  }

  async function confirmAs(
    actor: Actor,
    request: ArchiveRequest,
    shown: Shown,
    reason: string,
  ): Promise<Confirmed> {
    const { id: requestId } = request;
    if (request.state !== 'planned') return settledBefore(actor, request);
    if (request.requester !== actor.user)
      return refuse(
        actor,
        'not_yours',
        'Only the person who asked can confirm this request.',
        aboutOf(request),
      );
    if (clock.now() - request.createdAt > PLAN_LIFE_MS) return expire(actor, request);
    // A click may be delivered again after the first delivery has met a newer plan, which this person may not have seen.
    if (shown.fingerprint !== request.plan.fingerprint) return outdated(actor, request);
    const checked = await check(actor, request, { requestId, projectId: request.plan.training?.projectId });
    if (checked.kind !== 'checked') return checked;
    const { plan } = checked;
    const changes = describeDrift(request.plan, plan);
    if (plan.blockers.length > 0) return blocked(actor, plan, changes, requestId);
    return changes.length > 0 ? replan(actor, request, plan, changes) : commit(actor, request, reason);
  }

  /** The point of no return for the person, though not yet for the training. */
  async function commit(actor: Actor, request: ArchiveRequest, reason: string): Promise<Confirmed> {
    const { id, version, environment, trainingId } = request;
    const now = clock.now();
    try {
      const confirmed = await journal.advance({
        id,
        version,
        to: 'confirmed',
        event: { kind: 'confirmed', at: now, actor: actor.user },
        patch: { reason, confirmedAt: now, stepAt: now, publishAt: null },
        take: newLease(parts),
      });
      logger.info('confirmed', { request: id, user: actor.user, training: trainingId, environment });
      const driven = await drive(parts, confirmed, { fresh: true });
      return { kind: 'confirmed', request: driven ?? (await journal.get(id)) ?? confirmed };
    } catch (error) {
      if (error instanceof OpenRequestExistsError) {
        const open = await journal.findOpen(environment, trainingId);
        if (open !== undefined) {
          await refuse(actor, 'already_open', `Request ${open.id} is under way.`, aboutOf(request));
          return { kind: 'already_open', request: open };
        }
      }
      throw error;
    }
  }

  async function settledBefore(actor: Actor, request: ArchiveRequest): Promise<Confirmed> {
    await refuse(actor, 'settled_before', `The request is ${request.state}.`, aboutOf(request));
    return { kind: 'settled_before', request };
  }

  async function outdated(actor: Actor, request: ArchiveRequest): Promise<Confirmed> {
    const changes = ['this plan is newer than the one that was confirmed'];
    await refuse(actor, 'plan_drifted', changes.join('; '), aboutOf(request));
    return { kind: 'planned', request, changes, repeated: true };
  }

  async function replan(
    actor: Actor,
    request: ArchiveRequest,
    plan: Plan,
    changes: string[],
  ): Promise<Confirmed> {
    const { id, version } = request;
    const event = { kind: 'replanned', at: clock.now(), actor: actor.user, detail: { changes } } as const;
    const replanned = await journal.advance({ id, version, to: 'planned', event, patch: { plan } });
    await refuse(actor, 'plan_drifted', changes.join('; '), aboutOf(request));
    return { kind: 'planned', request: replanned, changes };
  }

  async function expire(actor: Actor, request: ArchiveRequest): Promise<Refused> {
    const { id, version } = request;
    const at = clock.now();
    await journal.advance({
      id,
      version,
      to: 'expired',
      event: { kind: 'expired', at, actor: 'app' },
      patch: { finishedAt: at },
    });
    const message =
      'This plan is more than a day old. Type the command again, so that you confirm what is true now.';
    return refuse(actor, 'plan_expired', message, aboutOf(request));
  }

  async function cancel(actor: Actor, requestId: string): Promise<'cancelled' | 'settled_before'> {
    const request = await journal.get(requestId);
    if (request?.state !== 'planned' || request.requester !== actor.user) return 'settled_before';
    const at = clock.now();
    const event = { kind: 'cancelled', at, actor: actor.user } as const;
    try {
      const { version } = request;
      await journal.advance({ id: requestId, version, to: 'cancelled', event, patch: { finishedAt: at } });
      return 'cancelled';
    } catch (error) {
      if (error instanceof RequestChangedError) return 'settled_before';
      throw error;
    }
  }

  return { ask, confirm, cancel, refuse, requestOf: (id) => journal.get(id) };
}

const aboutOf = ({ id, environment, trainingId }: ArchiveRequest) => ({
  requestId: id,
  environment,
  trainingId,
});

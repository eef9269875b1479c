import type { Confirmation, Confirmed, Denied, Shown } from './answers';
import { approvalFor } from './approval';
import { aboutOf, aboutTargets, type Checks, ifUnchanged } from './checks';
import { OpenRequestExistsError, RequestChangedError } from './errors';
import { type Drift, describeDrift, type Plan } from './plan';
import type { Actor } from './policy';
import type { Deps } from './ports';
import { newLease } from './record';
import type { ArchiveRequest } from './request';
import { runStep } from './step';
import { PLAN_LIFE_MS } from './timing';

/** A planned request whose plan is as it was shown. */
interface Ready {
  kind: 'ready';
  request: ArchiveRequest;
}

export function createConfirm(deps: Deps, checks: Checks) {
  const { journal, clock, logger } = deps;
  const { deny, denied, checkActor, findOpen, plansNow, alreadyOpen, blocked, remember, takeFresh, fence } =
    checks;

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
    const about = aboutOf(request);
    if (request.requester !== actor.user) return denied(actor, { code: 'not_yours' }, about);
    if (request.state !== 'planned') return alreadyDecided(actor, request);
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
    const readNow = plansNow();
    const [denial, looks] = await Promise.all([
      checkActor(actor),
      Promise.all(
        ready.map(({ request }) =>
          Promise.all([findOpen(request), readNow(request, request.plan.training?.projectId)]),
        ),
      ),
    ]);
    const requests = ready.map(({ request }) => request);
    if (denial !== null)
      return denied(actor, denial, { ...aboutTargets(requests), requestId: requests[0]?.id });
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
      return open.id === request.id ? alreadyDecided(actor, open) : alreadyOpen(actor, open, about);
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
      const fresh = takeFresh(request);
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
    const all = Promise.all([done, ...rest]);
    // It may fail before the caller waits for it, and an unhandled rejection ends the process.
    all.catch(() => {});
    return {
      kind: 'answers',
      each: await Promise.all(each.map((one) => latest(one, shown, all))),
      done: all,
    };
  }

  /** What was confirmed, with the card of the first one; without a card, as it has ended. */
  async function latest(one: Confirmed, first: ArchiveRequest, all: Promise<unknown>): Promise<Confirmed> {
    if (one.kind !== 'confirmed') return one;
    if (one.request.id === first.id) return { ...one, request: first };
    if (first.card) return { ...one, request: { ...one.request, card: first.card } };
    await all;
    return { ...one, request: (await journal.get(one.request.id)) ?? one.request };
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
      return alreadyOpen(actor, open, aboutOf(request));
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

  return confirm;
}

const changesOf = (changes: readonly Drift[]): string => changes.map(({ what }) => what).join(', ');

import type { Deps } from './ports';
import { type Leased, record } from './record';
import { type Approval, type ArchiveRequest, isWaiting } from './request';
import { announce, type Confirming } from './submit';

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

/** For how long the approvers are asked, from now (epoch ms). */
export const period = (askedAt: number, lifeMs: number) => ({
  ...{ askedAt, until: askedAt + lifeMs, remindedAt: null },
});

/** Whether so many other people may approve as are needed. Who is in a user group is not looked up for it. */
export function canBeApproved({ approval }: Deps, environment: string, requester: string): boolean {
  const { everyone, people, groups } = approval.audience;
  const others = new Set(people.filter((id) => id !== requester));
  return everyone || groups.length > 0 || others.size >= approval.needed(environment);
}

/**
 * Puts the card into the channel, reminds the approvers once, half-way, and ends the request when their time is over.
 * States: awaiting_approval, or → expired | not_started.
 * @throws LeaseLostError
 */
export async function awaitApproval(deps: Deps, leased: Leased, confirming: Confirming): Promise<Leased> {
  const announced = await announce(deps, leased, confirming);
  const { request, lease } = announced;
  const { approval } = request;
  if (!isWaiting(request) || request.card === null || approval === null) return announced;
  const now = deps.clock.now();
  const { askedAt, until, remindedAt } = approval;
  if (now >= until) return record(deps, announced, { kind: 'approval_expired' });
  const half = askedAt + (until - askedAt) / 2;
  const isHalfOver = remindedAt !== null || now >= half;
  if (remindedAt === null && isHalfOver && (await isFirstWaiting(deps, request)))
    return record(deps, announced, { kind: 'reminded', stepAt: until });
  const publishAt = leased.request.card === null ? now : request.publishAt;
  return { request: { ...request, stepAt: isHalfOver ? until : half, publishAt }, lease };
}

/** One reminder serves a batch. */
async function isFirstWaiting({ journal }: Deps, { id, batch }: ArchiveRequest): Promise<boolean> {
  return batch === null || (await journal.batch(batch)).find(isWaiting)?.id === id;
}

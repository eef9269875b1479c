import { environmentGone } from './not-started';
import { CALLS_IN_A_LEASE, type Parts } from './parts';
import { describeDrift, PREFLIGHT_MS, readPlan } from './plan';
import type { ArchiveRequest, Outcome } from './request';
import type { Held } from './settle';
import { CLOCK_SKEW_MS, PLAN_LIFE_MS } from './timing';
import type { Environment } from './toloka-port';
import { unclaimed } from './unclaimed';

const TOO_OLD = {
  code: 'confirmation_expired',
  message: 'This was confirmed more than a day ago and nothing had been sent, so nothing was sent any more.',
};
const NOT_CHECKED = {
  code: 'not_checked',
  message:
    'This request was taken up again, and it could not be made sure that it had not begun in Toloka already, so nothing was sent.',
};

export type Takeover = { kind: 'send' } | { kind: 'begun' } | { kind: 'no'; outcome: Outcome };

/**
 * Whether a confirmed request that this worker did not confirm itself may still be sent: what was confirmed is what
 * runs, and it runs once, also when a restart came between, or a copy of the journal that is behind what was done.
 */
export async function checkTakeover(parts: Parts, { request }: Held): Promise<Takeover> {
  const now = parts.clock.now();
  if (now - (request.confirmedAt ?? now) > PLAN_LIFE_MS) return { kind: 'no', outcome: TOO_OLD };
  const environment = parts.environments.get(request.environment);
  if (environment === undefined) return { kind: 'no', outcome: environmentGone(request.environment) };
  const limitMs = Math.floor(Math.min(PREFLIGHT_MS, parts.limits.leaseMs / CALLS_IN_A_LEASE));
  const [begun, plan] = await Promise.all([
    mayHaveBegun(parts, environment, request),
    readPlan(environment, request.trainingId, now, request.plan.training?.projectId, limitMs),
  ]);
  if (begun) return { kind: 'begun' };
  const changes = describeDrift(request.plan, plan);
  const message = `What was confirmed is not what is there now: ${changes.join('; ')}.`;
  if (changes.length > 0) return { kind: 'no', outcome: { code: 'plan_drifted', message } };
  return begun === null ? { kind: 'no', outcome: NOT_CHECKED } : { kind: 'send' };
}

/** Whether Toloka has an operation that this request may have begun; `null` when that cannot be told. */
async function mayHaveBegun(
  parts: Parts,
  { toloka }: Environment,
  request: ArchiveRequest,
): Promise<boolean | null> {
  const since = (request.confirmedAt ?? request.createdAt) - CLOCK_SKEW_MS;
  const operations = await toloka.readArchiveOperations(since);
  if (operations.kind !== 'found') return null;
  const free = await unclaimed(parts, request, operations.value);
  if (free.some(({ trainingId }) => trainingId !== null)) return true;
  return free.length > 0 ? null : false;
}

import type { Deps, OnCard } from './ports';
import { ensureTimeToWrite, type Leased } from './record';
import {
  type ArchiveRequest,
  type EventKind,
  isOpen,
  isWaiting,
  type Location,
  type RequestEvent,
} from './request';

// The thread of a batch has a line for what people did to its first request. What concerns some of the others alone, and
// what Toloka does, is in messages of its own: calls for approvals, and the closing message.

const DONE_BY_PEOPLE: readonly EventKind[] = [
  'asked',
  'confirmed',
  'approval_requested',
  'approved',
  'fully_approved',
  'declined',
  'withdrawn',
  'approval_expired',
];

/** The events that are lines of the thread. */
export const linesOf = ({ batch }: ArchiveRequest, events: readonly RequestEvent[]): RequestEvent[] =>
  events.filter(({ kind }) => batch === null || DONE_BY_PEOPLE.includes(kind));

export const isAnyOpen = (requests: OnCard): boolean => requests.some(({ state }) => isOpen(state));

interface Shown {
  card: Location;
  /** The last one that the thread is known to show. */
  shown: number;
}

/** Adds a reminder for a batch, or that it asks again because a plan changed. Returns the time of the last call. */
export async function callApprovers(
  deps: Deps,
  { request: { batch, calledAt }, lease }: Leased,
  requests: OnCard,
  { card, shown }: Shown,
): Promise<number> {
  const known = Math.max(calledAt, shown);
  const at = Math.max(0, ...requests.filter(isWaiting).map(callTime));
  if (batch === null || at <= known) return known;
  ensureTimeToWrite(deps, lease);
  await deps.cards.callApprovers(requests, card, at);
  return at;
}

/** When (epoch ms) the approvers were reminded, or asked again; 0 when neither. The card itself asks them first. */
function callTime({ approval }: ArchiveRequest): number {
  const askedAgain = approval?.changes.length ? approval.askedAt : 0;
  return Math.max(askedAgain, approval?.remindedAt ?? 0);
}

/** Adds how a batch ended, once all of it has; again if a late answer changed that. Returns the sum that is shown. */
export async function closeThread(
  deps: Deps,
  { request: { batch, closedSum }, lease }: Leased,
  requests: OnCard,
  { card, shown }: Shown,
): Promise<number> {
  const known = Math.max(closedSum, shown);
  const sum = requests.reduce((all, { version }) => all + version, 0);
  if (batch === null || isAnyOpen(requests) || sum === known) return known;
  ensureTimeToWrite(deps, lease);
  await deps.cards.closeThread(requests, card, sum);
  return sum;
}

import type { Deps, OnCard } from './ports';
import { ensureTimeToWrite, type Leased } from './record';
import {
  type ArchiveRequest,
  type Delivery,
  type EventKind,
  isOpen,
  isWaiting,
  type Location,
  type RequestEvent,
} from './request';

// The thread of a batch has a line for what people did to its first request, and for when that is sent. What concerns some
// of the others alone, and what Toloka does, is in messages of its own: calls for approvals, and the closing message.

const LINES: readonly EventKind[] = [
  'asked',
  'confirmed',
  'approval_requested',
  'approved',
  'fully_approved',
  'declined',
  'withdrawn',
  'approval_expired',
  'submitting',
];

/** The events that are lines of the thread. */
export const linesOf = ({ batch }: ArchiveRequest, events: readonly RequestEvent[]): RequestEvent[] =>
  events.filter(({ kind }) => batch === null || LINES.includes(kind));

export const isAnyOpen = (requests: OnCard): boolean => requests.some(({ state }) => isOpen(state));

/** Of the messages that concern all of a batch, the newest of each kind that should be in its thread; 0 for none. */
interface Messages {
  /** The time (epoch ms) at which approvers were reminded, or asked again because a plan changed. */
  call: number;
  /** The sum of the versions of its requests, once all have ended. */
  sum: number;
}

function messagesOf(requests: OnCard): Messages {
  if (requests[0].batch === null) return { call: 0, sum: 0 };
  return {
    call: Math.max(0, ...requests.filter(isWaiting).map(callTime)),
    sum: isAnyOpen(requests) ? 0 : requests.reduce((all, { version }) => all + version, 0),
  };
}

/** The card itself asks the approvers first. */
function callTime({ approval }: ArchiveRequest): number {
  const askedAgain = approval?.changes.length ? approval.askedAt : 0;
  return Math.max(askedAgain, approval?.remindedAt ?? 0);
}

/** Whether the journal knows of a message that the thread lacks, as far as the journal knows. */
export function lacksMessage({ calledAt, closedSum }: ArchiveRequest, requests: OnCard): boolean {
  const { call, sum } = messagesOf(requests);
  return call > calledAt || (sum > 0 && sum !== closedSum);
}

/**
 * Adds a call for approvals, and how a batch ended, once all of it has; again if a late answer changed that.
 * @param shown what the thread is known to show
 */
export async function addMessages(
  deps: Deps,
  { request: { calledAt, closedSum }, lease }: Leased,
  requests: OnCard,
  { card, shown }: { card: Location; shown: Messages },
): Promise<Pick<Delivery, 'calledAt' | 'closedSum'>> {
  const { call, sum } = messagesOf(requests);
  const known = { calledAt: Math.max(calledAt, shown.call), closedSum: Math.max(closedSum, shown.sum) };
  if (call > known.calledAt) {
    ensureTimeToWrite(deps, lease);
    await deps.cards.callApprovers(requests, card, call);
  }
  if (sum > 0 && sum !== known.closedSum) {
    ensureTimeToWrite(deps, lease);
    await deps.cards.closeThread(requests, card, sum);
  }
  return { calledAt: Math.max(known.calledAt, call), closedSum: sum > 0 ? sum : known.closedSum };
}

import { TolokaError, type TolokaErrorFacts } from './errors';
import { excerptOf } from './redact';

const REASONS = {
  redirect: 'Toloka redirects to another address. Set the address of the API to that one.',
  unexpected_status: 'Toloka answered with a status that it does not document for this call.',
  empty: 'Toloka answered with nothing where something is due.',
  truncated: 'The answer of Toloka broke off in the middle. Try again.',
  too_large: 'The answer of Toloka is larger than this client reads.',
  not_json: 'The answer is not from the API of Toloka. Check its address, and proxies on the way.',
  unexpected_shape: 'The answer of Toloka does not have the shape that its documents give.',
  endless_list: 'A list of Toloka goes on without bringing anything new, so it cannot be read as a whole.',
} as const;

export type UnreadableReason = keyof typeof REASONS;

/**
 * There was an answer, but it does not say what it should. After a POST this leaves open whether Toloka acted.
 * Redirects are among these, since they are never followed: the token would go to another place.
 */
export class TolokaUnreadableError extends TolokaError {
  readonly code = 'toloka_unreadable';
  readonly reason: UnreadableReason;
  /** The beginning of the answer: printable, at most 200 characters. */
  readonly excerpt: string;

  constructor(reason: UnreadableReason, facts: Omit<TolokaErrorFacts, 'sent'>, text = '', detail = '') {
    super(`${REASONS[reason]}${detail && ` ${detail}.`}`, { ...facts, sent: 'answered' });
    this.reason = reason;
    this.excerpt = excerptOf(text);
  }
}

import type { ArchiveRequest, CardAddress, RequestEvent } from './request';

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** How a message to Slack went wrong, as far as the use case must know. */
export type CardFailure =
  /** Slack refused it; it is not there and will not be until somebody changes something. */
  | 'refused'
  /** It is not there; later it may work. */
  | 'not_now'
  /** The answer was lost: it may be there. */
  | 'maybe';

/** Where the truth is shown. @throws CardError */
export interface CardPort {
  post(request: ArchiveRequest): Promise<CardAddress>;
  /** Looks for the card of a request whose post may have been lost. */
  find(request: ArchiveRequest): Promise<CardAddress | null>;
  update(request: ArchiveRequest, card: CardAddress): Promise<void>;
  addToThread(request: ArchiveRequest, card: CardAddress, events: readonly RequestEvent[]): Promise<void>;
  /** The last event that the thread shows already; 0 when none. */
  lastInThread(request: ArchiveRequest, card: CardAddress): Promise<number>;
  /** Takes away every other card of this request, and what the thread says a second time. */
  removeDoubles(request: ArchiveRequest, card: CardAddress): Promise<void>;
  /** Says the end in private to the person who asked, where the card cannot. */
  tellEnd(request: ArchiveRequest): Promise<void>;
  /** A private word to a person, where they are; tries the channel first, then a direct message. */
  tell(user: string, channel: string, text: string): Promise<void>;
}

/** Who is in a user group. @throws when it cannot be looked up */
export interface Directory {
  groupMembers(groupId: string): Promise<readonly string[]>;
}

import { AppError } from '../errors';

/** The kinds of errors, and what an operator can do about each. `kindOf` has those that a status leads to. */
const ADVICE = {
  authentication: 'Toloka did not accept the token. Set one that was issued for this environment.',
  denied: 'Toloka does not let this account do that. Ask the owner of the account for full access.',
  not_found: 'Toloka does not know it. Check the ID, and whether it belongs to this environment.',
  conflict: 'Toloka cannot do that in the present state. Fix what it names, then try again.',
  rate_limited: 'Toloka gets too many requests from this account. Try again in a minute.',
  rejected: 'Toloka rejected the request. Fix what it names; if it names nothing, report a bug.',
  /** A gateway answers so too, without knowing whether Toloka carried the request out. */
  unavailable: 'Toloka is not available at the moment. Try again in a few minutes.',
  /** No full answer in time, or HTTP 408. */
  timeout: 'Toloka did not answer in time. Try again in a few minutes.',
  /** No connection was made. The detail says what to check. */
  unreachable: 'Toloka cannot be reached.',
  /** The connection broke after sending may have begun, before a status came. */
  lost_response:
    'The connection to Toloka broke before it answered. Look up what happened before trying again.',
  /** The caller did not allow it any more when there was a connection. */
  held: 'Sending was not allowed any more when the connection was there, so nothing was sent. Try again.',
  /** A token or an ID cannot be used. */
  invalid_input: 'Toloka cannot be asked with this.',
  /** There was an answer, but it does not say what it should. */
  unreadable: 'The answer of Toloka cannot be used.',
} as const;

export type TolokaErrorKind = keyof typeof ADVICE;
export const TOLOKA_ERROR_KINDS = Object.keys(ADVICE) as TolokaErrorKind[];

export interface TolokaErrorFacts {
  /**
   * What is certain about the request on the wire. `no`: not a byte of it left. `maybe`: some of it may have left, and
   * no status came back. `answered`: Toloka, or something in front of it, answered with a status.
   */
  sent: 'no' | 'maybe' | 'answered';
  httpStatus?: number | undefined;
  /** Toloka's own code, such as `INAPPROPRIATE_STATUS`: an open list. */
  tolokaCode?: string | undefined;
  tolokaMessage?: string | undefined;
  /** What Toloka adds to its message, as JSON. */
  tolokaPayload?: string | null;
  /** Toloka's own, for its support. */
  requestId?: string | undefined;
  /** How long Toloka asks to wait, in ms; null when it does not say. */
  retryAfterMs?: number | null;
  /** The answer broke off in the middle. */
  brokeOff?: boolean;
  /** A sentence for the message. */
  detail?: string | undefined;
  cause?: Error | undefined;
}

/**
 * Everything that can go wrong with a call. Branch on `kind`. No fact, message or cause holds the token, even where an
 * answer repeated it.
 *
 * @see Toloka/docs en/api/reference/parts/api/info-description.md at c28c2aca ("message may differ for the same code")
 */
export class TolokaError extends AppError {
  readonly code: `toloka_${TolokaErrorKind}`;

  constructor(
    readonly kind: TolokaErrorKind,
    readonly facts: TolokaErrorFacts,
  ) {
    const { detail, tolokaMessage, cause } = facts;
    const sentences = [
      ADVICE[kind],
      detail,
      tolokaMessage && `Toloka said: "${tolokaMessage}"`,
      cause && `Reason: ${cause.message}`,
    ];
    super(sentences.filter(Boolean).join(' '), cause && { cause });
    this.code = `toloka_${kind}`;
  }
}

/**
 * What is certain after the POST failed with this error.
 *
 * `not_sent`: Toloka has not heard of it. `refused`: Toloka answered that it will not. `unknown`: Toloka may be
 * archiving the training, so look it up before anything else. That is so for 5xx and 408 with any body: a
 * gateway sends them while Toloka works on. It is so too for a 2xx answer that cannot be read.
 */
export function archiveOutcome({ facts }: TolokaError): 'not_sent' | 'refused' | 'unknown' {
  if (facts.sent === 'no') return 'not_sent';
  const { httpStatus = 0 } = facts;
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 ? 'refused' : 'unknown';
}

/** Why something did not work: Toloka's own code where it gave one, else ours. `said` holds Toloka's own words. */
export interface Outcome {
  code: string;
  said?: string;
  httpStatus?: number;
}

/** What people may see of an error. */
export function outcomeOf({ code, facts }: TolokaError, payload?: string | null): Outcome {
  const { tolokaCode, tolokaMessage, httpStatus } = facts;
  const said = [tolokaMessage, payload].filter(Boolean).join(' ');
  return {
    code: tolokaCode || code,
    ...(said && { said }),
    ...(httpStatus !== undefined && { httpStatus }),
  };
}

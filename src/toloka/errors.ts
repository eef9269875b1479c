import { AppError } from '../errors';

/**
 * What is certain about the request on the wire. `no`: not a byte of it left. `maybe`: some of it may have left, and no
 * status came back. `answered`: Toloka, or something in front of it, answered with a status.
 */
export type Sent = 'no' | 'maybe' | 'answered';

export interface TolokaErrorFacts {
  /** Method and path without the query, such as `GET /api/v1/trainings/1`. */
  call: string;
  sent: Sent;
  httpStatus?: number | undefined;
  tolokaCode?: string | undefined;
  tolokaMessage?: string | undefined;
  payload?: unknown;
  requestId?: string | undefined;
  cause?: Error | undefined;
}

/**
 * Everything that a client method throws. Branch on the class or on `code`, which is ours and stable. No field, message
 * or cause holds the token, even where an answer repeated it.
 *
 * @see Toloka/docs en/api/reference/parts/api/info-description.md at c28c2aca ("message may differ for the same code")
 */
export abstract class TolokaError extends AppError {
  readonly call: string;
  /** The message without what the machine said of a connection, which only an operator can use. */
  readonly plainly: string;
  readonly sent: Sent;
  readonly httpStatus: number | undefined;
  /** Toloka's own code, such as `INAPPROPRIATE_STATUS`: an open list. */
  readonly tolokaCode: string | undefined;
  readonly tolokaMessage: string | undefined;
  readonly payload: unknown;
  /** Toloka's own, for its support. */
  readonly requestId: string | undefined;

  constructor(advice: string, facts: TolokaErrorFacts) {
    super(`${advice}${said(facts)}${reasonOf(facts)}`, facts.cause && { cause: facts.cause });
    this.plainly = `${advice}${said(facts)}`;
    this.call = facts.call;
    this.sent = facts.sent;
    this.httpStatus = facts.httpStatus;
    this.tolokaCode = facts.tolokaCode;
    this.tolokaMessage = facts.tolokaMessage;
    this.payload = facts.payload;
    this.requestId = facts.requestId;
  }
}

/** HTTP 401, or a code that says so under any status. */
export class TolokaAuthenticationError extends TolokaError {
  readonly code = 'toloka_authentication';

  constructor(facts: TolokaErrorFacts) {
    super('Toloka did not accept the token. Set one that was issued for this environment.', facts);
  }
}

/** HTTP 403: the token is good, its account may not do this. */
export class TolokaDeniedError extends TolokaError {
  readonly code = 'toloka_denied';

  constructor(facts: TolokaErrorFacts) {
    super('Toloka does not let this account do that. Ask the owner of the account for full access.', facts);
  }
}

/** HTTP 404. */
export class TolokaNotFoundError extends TolokaError {
  readonly code = 'toloka_not_found';

  constructor(facts: TolokaErrorFacts) {
    super(
      `Toloka has nothing at ${facts.call}. Check the id, and whether it belongs to this environment.`,
      facts,
    );
  }
}

/** HTTP 409: what is there is not in a state that allows this. */
export class TolokaConflictError extends TolokaError {
  readonly code = 'toloka_conflict';

  constructor(facts: TolokaErrorFacts) {
    super('Toloka cannot do that in the present state. Mend what it names, then try again.', facts);
  }
}

/** HTTP 429. */
export class TolokaRateLimitedError extends TolokaError {
  readonly code = 'toloka_rate_limited';

  constructor(
    facts: TolokaErrorFacts,
    /** How long Toloka asks to wait; null when it does not say. */
    readonly retryAfterMs: number | null,
  ) {
    const when = retryAfterMs === null ? 'in a minute' : `in ${Math.ceil(retryAfterMs / 1000)} s`;
    super(`Toloka gets too many requests from this account. Try again ${when}.`, facts);
  }
}

/** Any other HTTP 4xx: Toloka understood the request and does not want it. */
export class TolokaRejectedError extends TolokaError {
  readonly code = 'toloka_rejected';

  constructor(facts: TolokaErrorFacts) {
    super(`Toloka rejected ${facts.call}. Mend what it names; if it names nothing, report a bug.`, facts);
  }
}

/** HTTP 5xx. A gateway answers so too, without knowing whether Toloka carried the request out. */
export class TolokaUnavailableError extends TolokaError {
  readonly code = 'toloka_unavailable';

  constructor(
    facts: TolokaErrorFacts,
    /** How long Toloka asks to wait; null when it does not say. */
    readonly retryAfterMs: number | null,
  ) {
    super('Toloka is not available at the moment. Try again in a few minutes.', facts);
  }
}

/** No full answer in time, or HTTP 408. `sent` tells how far the request got. */
export class TolokaTimeoutError extends TolokaError {
  readonly code = 'toloka_timeout';

  constructor(facts: TolokaErrorFacts) {
    super('Toloka did not answer in time. Try again in a few minutes.', facts);
  }
}

/** No connection was made: name, address, firewall, proxy or certificate. Toloka has not heard of the request. */
export class TolokaUnreachableError extends TolokaError {
  readonly code = 'toloka_unreachable';

  constructor(facts: Omit<TolokaErrorFacts, 'sent'>) {
    const advice =
      'Toloka cannot be reached. Check the address of its API, the network and the certificates.';
    super(advice, { ...facts, sent: 'no' });
  }
}

/** The connection broke after sending may have begun, before a status came. Toloka may or may not have acted. */
export class TolokaLostResponseError extends TolokaError {
  readonly code = 'toloka_lost_response';

  constructor(facts: Omit<TolokaErrorFacts, 'sent'>) {
    const advice =
      'The connection to Toloka broke before it answered. Look up what happened before trying again.';
    super(advice, { ...facts, sent: 'maybe' });
  }
}

/** The caller's signal, or closing the client, ended the call. */
export class TolokaAbortedError extends TolokaError {
  readonly code = 'toloka_aborted';

  constructor(facts: TolokaErrorFacts) {
    super(`The call ${facts.call} was given up.`, facts);
  }
}

/** Something that was given to the client cannot be used, such as an empty id. Nothing was sent. */
export class TolokaInvalidInputError extends TolokaError {
  readonly code = 'toloka_invalid_input';

  constructor(advice: string, call: string) {
    super(advice, { call, sent: 'no' });
  }
}

function said({ httpStatus, tolokaCode, tolokaMessage }: TolokaErrorFacts): string {
  const words = tolokaMessage ? ` Toloka said: "${tolokaMessage}"` : '';
  const status = [tolokaCode, httpStatus && `HTTP ${httpStatus}`].filter(Boolean).join(', ');
  return `${words}${status && ` (${status})`}`;
}

const reasonOf = ({ cause, httpStatus }: TolokaErrorFacts): string =>
  cause && httpStatus === undefined ? ` Reason: ${cause.message}` : '';

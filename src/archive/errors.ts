import { AppError } from '../errors';
import type { CardFailure } from './ports';

/** Somebody else moved the request between the read and the write, or the move is not one of those allowed. */
export class RequestChangedError extends AppError {
  readonly code = 'request_changed';
}

/** The lease ran out or belongs to another worker: what this worker found out may be stale and is not written. */
export class LeaseLostError extends AppError {
  readonly code = 'lease_lost';
}

/** The training has another open request in this environment. */
export class OpenRequestExistsError extends AppError {
  readonly code = 'open_request_exists';
}

/** A message could not be put into Slack. `reason` is Slack's own word for it where there is one. */
export class CardError extends AppError {
  readonly code = 'card_failed';

  constructor(
    readonly failure: CardFailure,
    readonly reason: string,
    message: string,
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

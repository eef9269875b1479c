import { AppError } from '../errors';
import type { CardFailure } from './ports';
import type { Pause } from './request';

/** Another process changed the request between the read and the write, or its state does not allow the change. */
export class RequestChangedError extends AppError {
  readonly code = 'request_changed';
}

/** The lease ran out or belongs to another worker. What this worker found out may be stale, so it is not written. */
export class LeaseLostError extends AppError {
  readonly code = 'lease_lost';
}

/** The training has another open request in this environment. */
export class OpenRequestExistsError extends AppError {
  readonly code = 'open_request_exists';
}

/** Archiving is paused, so nothing new may be sent to Toloka. */
export class PausedError extends AppError {
  readonly code = 'paused';

  constructor(readonly pause: Pause) {
    super('Archiving is paused. Resume it, or wait until somebody does; nothing was written.');
  }
}

/** A message could not be written. `reason` is Slack's own code where there is one. */
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

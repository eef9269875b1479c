import { AppError } from '../errors';

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

import * as errors from './errors';

/**
 * What an error of `archiveTraining` leaves certain.
 *
 * `not_sent`: Toloka has not heard of it. `refused`: Toloka answered that it will not. `unknown`: the training may be
 * on its way into the archive, so look it up before anything else. Among these are 5xx and 408, which a gateway sends
 * while Toloka works on, and a 2xx answer that cannot be read.
 */
export type ArchiveVerdict = 'not_sent' | 'refused' | 'unknown';

/** @see ArchiveVerdict */
export function archiveVerdict(error: unknown): ArchiveVerdict {
  if (!(error instanceof errors.TolokaError)) {
    return 'unknown';
  }
  if (error.sent === 'no') {
    return 'not_sent';
  }
  const refused =
    error instanceof errors.TolokaAuthenticationError ||
    error instanceof errors.TolokaDeniedError ||
    error instanceof errors.TolokaNotFoundError ||
    error instanceof errors.TolokaConflictError ||
    error instanceof errors.TolokaRateLimitedError ||
    error instanceof errors.TolokaRejectedError;
  return refused ? 'refused' : 'unknown';
}

import { AppError } from '../errors';

/**
 * * `unavailable`: it cannot be created, reached or written: a directory, a permission, a full disk, a server.
 * * `busy`: another process held a lock for the whole time limit. Nothing was written; trying again is safe.
 * * `unreadable`: the file or a row is damaged, or it is not a journal.
 * * `too_new`, `too_old`: another version of this app wrote it. Not damaged, and left as it is.
 * * `clock`: the clocks of this machine and of the database server are too far apart for leases.
 * * `not_empty`: an export can only be imported into an empty journal.
 * * `export_unreadable`: the file is not a complete export of a journal of this schema.
 */
export type JournalErrorKind =
  | 'unavailable'
  | 'busy'
  | 'unreadable'
  | 'too_new'
  | 'too_old'
  | 'clock'
  | 'not_empty'
  | 'export_unreadable';

/** What an operator can fix. The message says how, and never holds a password. */
export class JournalError extends AppError {
  readonly code: `journal_${JournalErrorKind}`;

  constructor(
    readonly kind: JournalErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = `journal_${kind}`;
  }
}

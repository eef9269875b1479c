import { AppError } from '../errors';

/** The database was written by a newer version of this app. Not damaged: this version may just not touch it. */
export class JournalTooNewError extends AppError {
  readonly code = 'journal_too_new';
}

/** The schema is an older one, and this program may not bring it up to date. */
export class JournalTooOldError extends AppError {
  readonly code = 'journal_too_old';
}

/** The file is damaged, or is not a journal. Nothing was written to it. */
export class JournalUnreadableError extends AppError {
  readonly code = 'journal_unreadable';
}

/** The journal cannot be created, reached or written: a directory, a permission, a full disk, a server. Not damaged. */
export class JournalUnavailableError extends AppError {
  readonly code = 'journal_unavailable';
}

/** The clocks of this machine and of the database's are too far apart for leases. Nothing was taken on. */
export class JournalClockError extends AppError {
  readonly code = 'journal_clock';
}

/** Another process held a lock for the whole timeout. Nothing was written; trying again is safe. */
export class JournalBusyError extends AppError {
  readonly code = 'journal_busy';
}

/** An export can only be taken into a journal that has nothing in it yet. Nothing was written. */
export class JournalNotEmptyError extends AppError {
  readonly code = 'journal_not_empty';
}

/** The file is not a whole export of a journal, or is one of another schema. Nothing was written. */
export class JournalExportError extends AppError {
  readonly code = 'journal_export_unreadable';
}

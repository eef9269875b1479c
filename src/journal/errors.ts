import { AppError } from '../errors';

/** The database was written by a newer version of this app. Not damaged: this version may just not touch it. */
export class JournalTooNewError extends AppError {
  readonly code = 'journal_too_new';
}

/** The file is damaged, or is not a journal. Nothing was written to it. */
export class JournalUnreadableError extends AppError {
  readonly code = 'journal_unreadable';
}

/** The journal cannot be created, reached or written: a directory, a permission, a full disk, a server. Not damaged. */
export class JournalUnavailableError extends AppError {
  readonly code = 'journal_unavailable';
}

/** Another process held a lock for the whole timeout. Nothing was written; trying again is safe. */
export class JournalBusyError extends AppError {
  readonly code = 'journal_busy';
}

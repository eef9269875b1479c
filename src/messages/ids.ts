/** Slack IDs that connect what is shown with the handler that answers it. */
export const COMMAND = '/toloka-archive';
export const VIEWS = { archive: 'archive_modal' } as const;
export const ACTIONS = {
  retry: 'archive_retry',
  checkAgain: 'archive_check_again',
  approve: 'archive_approve',
  decline: 'archive_decline',
  withdraw: 'archive_withdraw',
} as const;
export const INPUTS = {
  reason: { block: 'reason', action: 'reason_text' },
  /** The training ID, or the number of trainings. */
  typed: { block: 'typed', action: 'typed_text' },
} as const;
/** The longest reason, in characters. */
export const REASON_LIMIT = 1000;

/** Event types of the metadata by which the app finds its own messages. Other apps can read it: no secrets. */
export const METADATA = { card: 'archive_card', thread: 'archive_thread' } as const;

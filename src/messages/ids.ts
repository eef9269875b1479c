/** Slack ids that tie what is shown to what answers it. */
export const COMMAND = '/toloka-archive';
export const VIEWS = { archive: 'archive_modal' } as const;
export const ACTIONS = { retry: 'archive_retry', checkAgain: 'archive_check_again' } as const;
export const INPUTS = {
  reason: { block: 'reason', action: 'reason_text' },
  typedId: { block: 'typed_id', action: 'typed_id_text' },
} as const;

/** The metadata by which the app finds its own messages again. It holds no secret: other apps may read it. */
export const METADATA = { card: 'archive_card', thread: 'archive_thread' } as const;

/** Slack IDs that connect what is shown with the handler that answers it. */
export const COMMAND = '/toloka-archive';
export const VIEWS = {
  archive: 'archive_modal',
  pick: 'pick_modal',
  decline: 'archive_decline_modal',
} as const;
export const SHORTCUTS = { pick: 'archive_pick' } as const;
export const ACTIONS = {
  retry: 'archive_retry',
  checkAgain: 'archive_check_again',
  approve: 'archive_approve',
  decline: 'archive_decline',
  withdraw: 'archive_withdraw',
  pick: 'archive_open_picker',
  pickEnvironment: 'pick_environment',
  watch: 'archive_watch',
  seePlan: 'archive_see_plan',
  stopWatch: 'archive_stop_watch',
} as const;
export const INPUTS = {
  reason: { block: 'reason', action: 'reason_text' },
  /** The training ID, or the number of trainings. */
  typed: { block: 'typed', action: 'typed_text' },
  trainings: { block: 'trainings', action: 'pick_trainings' },
  channel: { block: 'channel', action: 'pick_channel' },
  environment: { block: 'environment', action: ACTIONS.pickEnvironment },
} as const;
/** The longest reason, in characters. */
export const REASON_LIMIT = 1000;

/** Event types of the metadata by which the app finds its own messages. Other apps can read it: no secrets. */
export const METADATA = { card: 'archive_card', thread: 'archive_thread' } as const;

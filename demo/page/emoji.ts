/**
 * Slack's names of the emoji that this app's messages use, and a few that people type. They are characters, not images,
 * because the page loads nothing from outside. A test compares the table with the messages.
 */
const EMOJI: Record<string, string> = {
  '+1': '👍',
  alarm_clock: '⏰',
  arrow_forward: '▶️',
  arrow_right: '➡️',
  bell: '🔔',
  card_file_box: '🗃️',
  double_vertical_bar: '⏸️',
  eyes: '👀',
  factory: '🏭',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  leftwards_arrow_with_hook: '↩️',
  lock: '🔒',
  mag: '🔍',
  memo: '📝',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  package: '📦',
  question: '❓',
  raised_hand: '✋',
  smile: '😄',
  tada: '🎉',
  test_tube: '🧪',
  twisted_rightwards_arrows: '🔀',
  warning: '⚠️',
  wave: '👋',
  white_check_mark: '✅',
  x: '❌',
};

export const emoji = (name: string): string | undefined => EMOJI[name];

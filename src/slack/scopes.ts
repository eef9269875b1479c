import type { Logger } from '../logger';

/** The bot scopes of manifest.yml that the app cannot work without. */
export const REQUIRED_SCOPES: readonly string[] = ['commands', 'chat:write'];

/**
 * Those that can be left out when the app is installed, and what that means.
 * @see docs/operations.md, "Scopes"
 */
export const OPTIONAL_SCOPES: Readonly<Record<string, string>> = {
  'channels:history': 'after an interruption, a public channel may show a card or a line of its thread twice',
  'groups:history': 'after an interruption, a private channel may show a card or a line of its thread twice',
  'channels:read': 'only after the confirmation is it found out that the app is not in a public channel',
  'groups:read': 'only after the confirmation is it found out that the app is not in a private channel',
  'mpim:read': 'a direct message of several people may be taken for a channel',
  'usergroups:read': 'user groups in ARCHIVE_ALLOW, APPROVE_ALLOW and ADMIN_ALLOW give nobody a right',
};

/** Logs which scopes the bot token lacks. @param granted null when Slack does not say */
export function reportScopes(
  granted: readonly string[] | null,
  logger: Pick<Logger, 'info' | 'error'>,
): void {
  if (granted === null) return;
  const isMissing = (scope: string) => !granted.includes(scope);
  for (const scope of REQUIRED_SCOPES.filter(isMissing))
    logger.error('Slack scope missing; reinstall the app from manifest.yml', { scope });
  for (const [scope, without] of Object.entries(OPTIONAL_SCOPES))
    if (isMissing(scope)) logger.info('Slack scope not granted', { scope, without });
}

/** Slack's codes for a token that is not valid, or not any more. */
export const TOKEN_CODES: readonly string[] = [
  ...['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired'],
  ...['not_allowed_token_type', 'user_removed_from_team', 'team_disabled'],
];

/**
 * Whether this code of Slack's says that the token itself is wrong, so that no further try can work.
 * @see https://docs.slack.dev/reference/methods/auth.test#errors
 */
export const isTokenError = (code: unknown): boolean => TOKEN_CODES.includes(code as string);

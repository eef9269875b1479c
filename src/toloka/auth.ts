const SCHEME = /^(?:oauth|apikey)(?:\s+|$)/i;

/**
 * The value of the `Authorization` header. A token with exactly two dots, the first of them at index 22 to 24, is an
 * API key and goes out as `ApiKey`; every other token goes out as `OAuth`. A scheme that was pasted together with the
 * token is dropped first, whatever its case.
 *
 * @see toloka-kit src/client/__init__.py at e5e0450d, lines 338-347
 */
export function authorizationHeader(token: string): string {
  const bare = bareToken(token);
  return `${isApiKey(bare) ? 'ApiKey' : 'OAuth'} ${bare}`;
}

/** The token without a scheme and without the white space around it: this is the secret that must not leak. */
export function bareToken(token: string): string {
  return token.trim().replace(SCHEME, '');
}

function isApiKey(token: string): boolean {
  const firstDot = token.indexOf('.');
  return token.split('.').length === 3 && firstDot >= 22 && firstDot <= 24;
}

import { authorizationHeader } from '../../src/toloka/auth';

const key = (firstDot: number, rest = 'b.c') => `${'a'.repeat(firstDot)}.${rest}`;

test.each([22, 23, 24])('two dots, the first at %i: an API key', (firstDot) => {
  expect(authorizationHeader(key(firstDot))).toBe(`ApiKey ${key(firstDot)}`);
});

test.each([
  ['an old token', 'AQAAAAB1234567890'],
  ['the first dot too early', key(21)],
  ['the first dot too late', key(25)],
  ['one dot', `${'a'.repeat(22)}.b`],
  ['three dots', key(22, 'b.c.d')],
])('%s: an OAuth token', (_name, token) => {
  expect(authorizationHeader(token)).toBe(`OAuth ${token}`);
});

test.each(['OAuth ', 'oauth ', 'ApiKey ', 'APIKEY  ', '  ApiKey\t'])(
  'a scheme given as "%s" is dropped before the shape decides',
  (scheme) => {
    expect(authorizationHeader(`${scheme}plain`)).toBe('OAuth plain');
    expect(authorizationHeader(`${scheme}${key(23)}\n`)).toBe(`ApiKey ${key(23)}`);
  },
);

test('a token that only begins like a scheme stays whole', () => {
  expect(authorizationHeader('oauthtoken')).toBe('OAuth oauthtoken');
});

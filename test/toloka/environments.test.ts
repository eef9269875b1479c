import { authorizationHeader, ENVIRONMENTS, hostKind, urlProblem } from '../../src/toloka/environments';

test('the 2021 document: its hosts and its singular path', () => {
  const { apiUrl, trainingPath } = ENVIRONMENTS.yandex;
  expect(`${apiUrl}/v1/${trainingPath}/<training_id>/archive`).toBe(
    'https://toloka.yandex.com/api/v1/training/<training_id>/archive',
  );
  const sandbox = ENVIRONMENTS['yandex-sandbox'];
  expect(`${sandbox.apiUrl}/v1/${sandbox.trainingPath}/<training_id>/archive`).toBe(
    'https://sandbox.toloka.yandex.com/api/v1/training/<training_id>/archive',
  );
});

test('the current environments use the current hosts and the plural path', () => {
  expect(ENVIRONMENTS.production).toMatchObject({
    apiUrl: 'https://toloka.dev/api',
    trainingPath: 'trainings',
    kind: 'production',
  });
  expect(ENVIRONMENTS.sandbox).toMatchObject({
    apiUrl: 'https://sandbox.toloka.dev/api',
    trainingPath: 'trainings',
    kind: 'sandbox',
  });
});

test('an environment is called a sandbox when it is one', () => {
  for (const [name, { kind, apiUrl }] of Object.entries(ENVIRONMENTS)) {
    expect(kind === 'sandbox').toBe(name.includes('sandbox'));
    expect(apiUrl.includes('sandbox')).toBe(name.includes('sandbox'));
  }
});

describe('the host of an API', () => {
  test.each([
    ['https://toloka.dev/api', 'production'],
    ['https://toloka.dev./api', 'production'],
    ['https://sandbox.toloka.dev', 'sandbox'],
    ['http://localhost:3000/api', 'loopback'],
    ['http://toloka.localhost', 'loopback'],
    ['http://127.1.2.3', 'loopback'],
    ['http://[::1]:3000/api', 'loopback'],
    ['http://10.1.2.3', 'private'],
    ['http://172.16.0.1', 'private'],
    ['http://192.168.0.1', 'private'],
    ['http://[fd00::1]', 'private'],
    ['http://172.32.0.1', 'other'],
    ['http://[2001:db8::1]', 'other'],
    ['http://notlocalhost', 'other'],
    ['http://localhost.example.com', 'other'],
    ['http://toloka.dev.example.com', 'other'],
    ['localhost', 'other'],
  ])('%s: %s', (apiUrl, kind) => {
    expect(hostKind(apiUrl)).toBe(kind);
  });

  test.each(['http://localhost.example.com/api', 'http://notlocalhost/api', 'http://toloka.dev/api'])(
    'gets no token in clear text: %s',
    (url) => {
      expect(urlProblem(url)).toMatch(/https:.*clear text/);
    },
  );
});

describe('the token', () => {
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

  test.each(['oauthtoken', 'tokenoauth', 'token-ApiKey'])(
    'a token that only begins or ends like a scheme stays whole: %s',
    (token) => {
      expect(authorizationHeader(token)).toBe(`OAuth ${token}`);
    },
  );

  test.each(['', '  ', 'OAuth ', 'two words', 'a\nb', 'é', 'a"b', 'a\\b'])('%j is none', (token) => {
    expect(() => authorizationHeader(token)).toThrow(expect.objectContaining({ kind: 'invalid_input' }));
  });
});

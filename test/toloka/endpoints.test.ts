import { ENVIRONMENTS, poolUrl, trainingUrl } from '../../src/toloka/endpoints';

test('the seed document is spelled out: its hosts and its singular path', () => {
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

test('what is called a sandbox is one, and nothing else is', () => {
  for (const [name, { kind, apiUrl }] of Object.entries(ENVIRONMENTS)) {
    expect(kind === 'sandbox').toBe(name.includes('sandbox'));
    expect(apiUrl.includes('sandbox')).toBe(name.includes('sandbox'));
  }
});

test('links for people', () => {
  expect(trainingUrl('https://platform.toloka.ai', '7', '123')).toBe(
    'https://platform.toloka.ai/requester/project/7/training/123',
  );
  expect(poolUrl('https://platform.toloka.ai/', '7', '9')).toBe(
    'https://platform.toloka.ai/requester/project/7/pool/9',
  );
});

test('ids cannot break out of a link', () => {
  expect(trainingUrl('https://p', '7/../8', '1?x=<y>|')).toBe(
    'https://p/requester/project/7%2F..%2F8/training/1%3Fx%3D%3Cy%3E%7C',
  );
});

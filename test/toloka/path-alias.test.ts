import { closeAll, json, OPERATION, startAccount, startServer, TRAINING } from './support';

afterEach(closeAll);

/** A Toloka that knows some paths; the archive works at both. */
async function start(known: string[]) {
  const server = await startServer(({ method, path }, response) => {
    const collection = path.split('/')[3] ?? '';
    if (method === 'POST') {
      json(response, 202, OPERATION);
    } else if (!known.includes(collection) || path.endsWith('/missing')) {
      json(response, 404, { code: 'DOES_NOT_EXIST' });
    } else {
      json(response, 200, TRAINING);
    }
  });
  const paths = () => server.requests.splice(0).map(({ method, path }) => `${method} ${path.slice(8)}`);
  return { ...startAccount(server, { trainingPath: 'training' }), paths };
}

test('with the path of the 2021 document, reads find the one that works and keep it', async () => {
  const { account, paths } = await start(['trainings']);
  await account.readTraining('123456');
  expect(paths()).toEqual(['GET training/123456', 'GET trainings/123456']);
  await account.readTraining('123456');
  await account.readTraining('123456');
  expect(paths()).toEqual(['GET trainings/123456', 'GET trainings/123456']);
});

test('where the alias exists, it is used', async () => {
  const { account, paths } = await start(['training']);
  await account.readTraining('123456');
  expect(await account.readTraining('missing')).toEqual({ kind: 'not_found' });
  expect(paths()).toEqual(['GET training/123456', 'GET training/missing']);
});

test('a training that is missing at both decides nothing', async () => {
  const { account, paths } = await start(['trainings']);
  expect(await account.readTraining('missing')).toEqual({ kind: 'not_found' });
  await account.readTraining('123456');
  expect(paths()).toEqual([
    'GET training/missing',
    'GET trainings/missing',
    'GET training/123456',
    'GET trainings/123456',
  ]);
});

test('only 404 leads to the other path', async () => {
  const server = await startServer((_request, response) => json(response, 403, {}));
  const { account } = startAccount(server, { trainingPath: 'training' });
  expect(await account.readTraining('1')).toMatchObject({ kind: 'no_access' });
  expect(server.requests).toHaveLength(1);
});

test('the archive goes to the configured path, whatever reads have found', async () => {
  const { account, paths } = await start(['trainings']);
  await account.readTraining('123456');
  paths();
  await account.archive('123456', 'c-1');
  expect(paths()).toEqual(['POST training/123456/archive']);
});

test('the archive does not go to the other path on 404', async () => {
  const server = await startServer((_request, response) => json(response, 404, {}));
  for (const trainingPath of ['training', 'trainings'] as const) {
    const { account } = startAccount(server, { trainingPath });
    expect(await account.archive('1', 'c-1')).toMatchObject({ kind: 'refused' });
  }
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/api/v1/training/1/archive',
    '/api/v1/trainings/1/archive',
  ]);
});

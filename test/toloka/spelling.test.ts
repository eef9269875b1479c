import { OPERATION, TRAINING } from './fixtures';
import { closeAll, errorFrom, json, startClient, startServer } from './support';

afterEach(closeAll);

/** A Toloka that knows some paths; the archive works at both spellings. */
async function start(known: string[]) {
  const server = await startServer(({ method, path }, response) => {
    const collection = path.split('/')[3] ?? '';
    if (method === 'POST') {
      json(response, 202, OPERATION);
    } else if (!known.includes(collection) || path.endsWith('/missing')) {
      json(response, 404, { code: 'DOES_NOT_EXIST' });
    } else {
      json(response, 200, { ...TRAINING, items: [TRAINING], has_more: false });
    }
  });
  const paths = () => server.requests.splice(0).map(({ method, path }) => `${method} ${path.slice(8)}`);
  return { ...startClient(server, { trainingPath: 'training' }), paths };
}

test("with the seed document's spelling, reads find the one that works and stay with it", async () => {
  const { client, paths } = await start(['trainings']);
  await client.getTraining('123456');
  expect(paths()).toEqual(['GET training/123456', 'GET trainings/123456']);
  await client.getTraining('123456');
  await client.listTrainings();
  expect(paths()).toEqual(['GET trainings/123456', 'GET trainings']);
});

test('where the alias exists, it is used', async () => {
  const { client, paths } = await start(['training']);
  await client.findTrainings();
  await client.getTraining('123456');
  expect(await errorFrom(client.getTraining('missing'))).toMatchObject({ code: 'toloka_not_found' });
  expect(paths()).toEqual(['GET training', 'GET training/123456', 'GET training/missing']);
});

test('a training that is missing at both settles nothing', async () => {
  const { client, paths } = await start(['trainings']);
  expect(await errorFrom(client.getTraining('missing'))).toMatchObject({ code: 'toloka_not_found' });
  await client.getTraining('123456');
  expect(paths()).toEqual([
    'GET training/missing',
    'GET trainings/missing',
    'GET training/123456',
    'GET trainings/123456',
  ]);
});

test('only 404 leads to the other spelling', async () => {
  const server = await startServer((_request, response) => json(response, 403, {}));
  const { client } = startClient(server, { trainingPath: 'training' });
  expect(await errorFrom(client.getTraining('1'))).toMatchObject({ code: 'toloka_denied' });
  expect(server.requests).toHaveLength(1);
});

test('the archive goes to the configured spelling, whatever reads have found', async () => {
  const { client, paths } = await start(['trainings']);
  await client.getTraining('123456');
  paths();
  await client.archiveTraining('123456');
  expect(paths()).toEqual(['POST training/123456/archive']);
});

test('the archive does not go to the other spelling on 404', async () => {
  const server = await startServer((_request, response) => json(response, 404, {}));
  for (const trainingPath of ['training', 'trainings'] as const) {
    const { client } = startClient(server, { trainingPath });
    expect(await errorFrom(client.archiveTraining('1'))).toMatchObject({ code: 'toloka_not_found' });
  }
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/api/v1/training/1/archive',
    '/api/v1/trainings/1/archive',
  ]);
});

import { closeAll, json, startAccount, startServer } from './support';

afterEach(closeAll);

const REQUESTER = { id: 'r1', balance: 1, public_name: { RU: 'Джек', EN: 'Jack Smith' } };
const NOON = Date.UTC(2026, 0, 1, 12);
const PAGE = { items: [], has_more: false };

/** Toloka, with these answers to the two reads. */
const start = async (requester: [number, unknown], trainings: [number, unknown] = [200, PAGE]) => {
  const clock = { now: () => NOON };
  const date = new Date(NOON).toUTCString();
  const server = await startServer(({ path }, response) =>
    json(response, ...(path.endsWith('/requester') ? requester : trainings), { date }),
  );
  return { server, ...startAccount(server, { readMs: 2_000, clock }) };
};

test('names whose token it is, and reads with GET alone', async () => {
  const { account, server } = await start([200, REQUESTER]);
  expect(await account.readAccess()).toEqual({
    kind: 'found',
    value: { name: 'Jack Smith', clockAheadMs: 0 },
  });
  expect(account.clockAheadMs()).toBe(0);
  expect(server.requests.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
    'GET /api/v1/requester',
    'GET /api/v1/trainings?limit=1',
  ]);
});

test.each([
  [{ public_name: { RU: 'Джек' } }, 'Джек'],
  [{ public_name: {} }, null],
  [{ public_name: 'Jack' }, null],
  [{}, null],
])('takes %j for the name %s', async (requester, name) => {
  const { account } = await start([200, requester]);
  expect(await account.readAccess()).toMatchObject({ kind: 'found', value: { name } });
});

test.each([
  ['the token', [401, { code: 'AUTHENTICATION_ERROR' }], [200, PAGE], 'no_access'],
  ['the account', [403, { code: 'ACCESS_DENIED' }], [200, PAGE], 'no_access'],
  ['the reading of trainings', [200, REQUESTER], [403, { code: 'ACCESS_DENIED' }], 'no_access'],
  ['another service', [404, {}], [404, {}], 'not_found'],
  ['a page', [200, '<html>'], [200, PAGE], 'unavailable'],
] as const)('says that %s is the problem', async (_what, requester, trainings, kind) => {
  const { account } = await start([...requester], [...trainings]);
  expect(await account.readAccess()).toMatchObject({ kind });
});

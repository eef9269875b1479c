import { Pool } from 'undici';
import {
  createCaller,
  createManualClock,
  createTolokaAccount,
  requires,
  type TolokaAccount,
  type TolokaAccountOptions,
} from '.';

const clock = createManualClock(Date.UTC(2024, 0, 1));
const DAY = 86_400_000;
let account: TolokaAccount;
let call: ReturnType<typeof createCaller>;

const start = async (options: Partial<TolokaAccountOptions> = {}) => {
  account = await createTolokaAccount({ token: 'secret', now: clock.now, rateLimit: false, ...options });
  call = createCaller(account.url, 'secret');
};
const ids = async (path: string): Promise<string[]> =>
  (await call('GET', path)).body.items.map((item: { id: string }) => item.id);
/** Reads a listing to its end as toloka-kit does: sorted by id, from the last id on. */
const everything = async (path: string): Promise<string[]> => {
  const found: string[] = [];
  for (let more = true; more; ) {
    const last = found.at(-1);
    const { body } = await call('GET', `${path}&sort=id${last === undefined ? '' : `&id_gt=${last}`}`);
    found.push(...body.items.map((item: { id: string }) => item.id));
    more = body.has_more;
  }
  return found;
};

afterEach(() => account.close());

describe('trainings', () => {
  beforeEach(async () => {
    await start();
    for (const [id, project_id, status, created, started] of [
      ['9', 'a', 'OPEN', 3, 5],
      ['10', 'a', 'CLOSED', 1, undefined],
      ['11', 'b', 'CLOSED', 2, 4],
      ['100', 'b', 'ARCHIVED', 2, 6],
    ] as const) {
      const last_started = started === undefined ? {} : { last_started: started * DAY };
      account.addTraining({ id, project_id, status, created: created * DAY, ...last_started });
    }
  });

  test.each([
    ['', ['9', '10', '11', '100']],
    ['sort=-id', ['100', '11', '10', '9']],
    ['status=CLOSED', ['10', '11']],
    ['project_id=b', ['11', '100']],
    ['project_id=b&status=CLOSED', ['11']],
    ['project_id=none', []],
    ['sort=created', ['10', '11', '100', '9']],
    ['sort=-created,id', ['9', '11', '100', '10']],
    ['sort=-created,-id', ['9', '100', '11', '10']],
    ['sort=created,-last_started', ['10', '100', '11', '9']],
    ['sort=last_started', ['11', '9', '100', '10']],
    ['id_gt=9', ['10', '11', '100']],
    ['id_gte=10&id_lt=100', ['10', '11']],
    ['id_lte=10&sort=-id', ['10', '9']],
    ['created_gt=1970-01-02T00:00:00&created_lte=1970-01-03T00:00:00.000', ['11', '100']],
    ['created_gte=1970-01-03T00:00:00&sort=-created', ['9', '100', '11']],
    ['created_lt=1970-01-03T00:00:00&sort=created', ['10']],
    ['last_started_gte=1970-01-06T00:00:00&sort=last_started', ['9', '100']],
    ['last_started_lt=1970-01-06T00:00:00', ['11']],
  ])('%s', async (query, expected) => {
    expect(await ids(`/v1/trainings?${query}`)).toEqual(expected);
  });

  test('a change of status or date moves a training', async () => {
    account.updateTraining('9', { status: 'CLOSED', created: 0 });
    expect(await ids('/v1/trainings?status=CLOSED&sort=created')).toEqual(['9', '10', '11']);
    expect(await ids('/v1/trainings?status=OPEN')).toEqual([]);
    expect(await ids('/v1/trainings?sort=created')).toEqual(['9', '10', '11', '100']);
  });

  test('says whether there is more', async () => {
    expect((await call('GET', '/v1/trainings?limit=3')).body.has_more).toBe(true);
    expect((await call('GET', '/v1/trainings?limit=4')).body.has_more).toBe(false);
  });

  test.each([
    'limit=0',
    'limit=301',
    'limit=ten',
    'limit=',
    'sort=name',
    'sort=',
    'status=closed',
    'colour=red',
    'id_like=1',
    'limit=1&limit=2',
    'created_gt=2024-01-01',
    'created_gt=2024-01-01T00:00:00Z',
    'created_gt=2024-99-01T00:00:00',
    'submitted_gt=2024-01-01T00:00:00',
  ])('refuses %s', async (query) => {
    const { status, body } = await call('GET', `/v1/trainings?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'VALIDATION_ERROR', request_id: expect.any(String) });
    expect(Object.keys(body.payload)).toHaveLength(1);
  });
});

test('default and greatest limits: trainings 50 and 300, pools 20 and 300, operations 50 and 500', async () => {
  await start();
  for (let n = 1; n <= 510; n++) {
    account.addTraining({ id: String(n), project_id: 'a' });
    account.addPool({ id: String(n), project_id: 'a' });
    await call('POST', `/v1/pools/${n}/archive`);
  }
  const counts = async (what: string, max: number) => [
    (await ids(`/v1/${what}`)).length,
    (await ids(`/v1/${what}?limit=${max}`)).length,
    (await call('GET', `/v1/${what}?limit=${max + 1}`)).status,
  ];
  expect(await counts('trainings', 300)).toEqual([50, 300, 400]);
  expect(await counts('pools', 300)).toEqual([20, 300, 400]);
  expect(await counts('operations', 500)).toEqual([50, 500, 400]);
});

test.each(['numeric', 'lexicographic'] as const)(
  'paging to the end finds each once, ids %s',
  async (idOrder) => {
    await start({ idOrder });
    for (let n = 95; n <= 130; n++) account.addTraining({ id: String(n), project_id: 'a' });
    const found = await everything('/v1/trainings?limit=7');
    expect(found).toHaveLength(36);
    expect(new Set(found).size).toBe(36);
    expect(found[0]).toBe(idOrder === 'numeric' ? '95' : '100');
  },
);

test('10,000 pools: finds those of a project page by page, and quickly', async () => {
  await start();
  const expected: string[] = [];
  for (let n = 0; n < 10_000; n++) {
    // Neither in order nor in one project.
    const id = String(1_000_000 + ((n * 7919) % 10_000));
    const project_id = n % 4 === 0 ? 'mine' : `other-${n % 97}`;
    const status = n % 3 === 0 ? 'OPEN' : 'ARCHIVED';
    account.addPool({ id, project_id, status, created: n, quality_control: requires(String(n % 10)) });
    if (project_id === 'mine' && status === 'OPEN') expected.push(id);
  }
  const before = performance.now();
  const found = await everything('/v1/pools?project_id=mine&status=OPEN&limit=300');
  const took = performance.now() - before;
  expect(found).toEqual(expected.sort());
  expect(found).toHaveLength(834);
  // Three pages. Generous, since the machine may be busy: a sort for each page would take about as long again.
  expect(took).toBeLessThan(1000);
  expect(await ids('/v1/pools?sort=-created&limit=2')).toEqual([
    String(1_000_000 + ((9999 * 7919) % 10_000)),
    String(1_000_000 + ((9998 * 7919) % 10_000)),
  ]);
});

test('operations by type and by current status', async () => {
  await start({ operationMs: 10_000 });
  for (const id of ['1', '2', '3']) account.addTraining({ id, project_id: 'a' });
  account.addPool({ id: '4', project_id: 'a', operationMs: 10_000 });
  const post = async (path: string) => (await call('POST', path)).body.id as string;
  const first = await post('/v1/trainings/1/archive');
  clock.advance(9_900);
  const second = await post('/v1/trainings/2/archive');
  const pool = await post('/v1/pools/4/archive');
  const list = (query: string) => ids(`/v1/operations?${query}`);

  expect(await list('type=TRAINING.ARCHIVE&sort=-submitted')).toEqual([second, first]);
  expect(await list('type=TRAINING.ARCHIVE&status=RUNNING')).toEqual([first]);
  expect(await list('status=PENDING&type=POOL.ARCHIVE')).toEqual([pool]);
  expect(await list('type=SOLUTION.AGGREGATE')).toEqual([]);
  expect(await list('status=SUCCESS')).toEqual([]);

  clock.advance(600);
  expect(await list('status=SUCCESS')).toEqual([first]);
  expect((await list('status=RUNNING')).sort()).toEqual([second, pool].sort());
  expect(await list('finished_gt=2024-01-01T00:00:00')).toEqual([first]);
  expect(await list('sort=finished&limit=1')).toEqual([first]);
  expect(await list('submitted_lt=2024-01-01T00:00:05&sort=-submitted')).toEqual([first]);
  expect((await call('GET', '/v1/operations?status=DONE')).status).toBe(400);
});

test('10,000 open operations: each is found, ends in time, and its training with it', async () => {
  await start({ operationMs: 60_000 });
  for (let n = 1; n <= 10_000; n++) account.addTraining({ id: String(n), project_id: 'a' });
  const numbers = Array.from({ length: 10_000 }, (_, index) => index + 1);
  // Not with fetch, which takes three times as long.
  const pool = new Pool(`http://127.0.0.1:${account.port}`, { connections: 20 });
  const headers = { authorization: 'OAuth secret' };
  const post = async (n: number) =>
    (await pool.request({ method: 'POST', path: `/api/v1/trainings/${n}/archive`, headers })).body.dump();
  await Promise.all(numbers.map(post));
  await pool.close();
  clock.advance(10_000);
  const open = await everything('/v1/operations?type=TRAINING.ARCHIVE&status=RUNNING&limit=500');
  expect(new Set(open).size).toBe(10_000);
  clock.advance(50_000);
  expect((await call('GET', '/v1/operations?status=RUNNING')).body).toEqual({ items: [], has_more: false });
  expect(await everything('/v1/trainings?status=ARCHIVED&limit=300')).toHaveLength(10_000);
}, 60_000);

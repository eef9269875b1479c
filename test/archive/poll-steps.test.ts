import { join } from 'node:path';
import Libsql from 'libsql';
import { createPoll, type Poll } from '../../src/archive/poll';
import type { Deps, Environment, Operation, OperationFilter, Reading, Toloka } from '../../src/archive/ports';
import { newLease, record, recordOutcome } from '../../src/archive/record';
import type { ArchiveRequest } from '../../src/archive/request';
import { CLOCK_SKEW_MS, PROGRESS_EVERY_MS } from '../../src/archive/timing';
import { createHarness, type Harness } from '../support/harness';
import { CARD, createSteps, DOWN, OPERATION, type Steps } from '../support/steps';

let harness: Harness;
let steps: Steps;
/** What is read from Toloka: listings by their filter, operations by ID. */
let reads: (OperationFilter | string)[] = [];
/** What Toloka knows, by ID. */
let known: Map<string, Operation>;
let deps: Deps;
let poll: Poll;
beforeEach(async () => {
  harness = await createHarness();
  steps = createSteps(harness);
  [reads, known] = [[], new Map()];
  poll = create();
});
afterEach(() => harness.close());

const LATE_MS = 5_000;
const SWEEP_MS = 60_000;
const OPEN = ['PENDING', 'RUNNING'] as const;
const PROGRESS: OperationFilter = { statuses: ['RUNNING'], newest: true };

function create(toloka: Partial<Toloka> = {}, journal: Partial<Deps['journal']> = {}): Poll {
  const matches = (filter: OperationFilter, { status, finished }: Operation) =>
    filter.finishedSince === undefined
      ? (filter.statuses ?? []).some((one) => one === status)
      : finished !== null && finished >= filter.finishedSince;
  const world = steps.world({
    readOperation: async (id) => {
      reads.push(id);
      const value = known.get(id);
      return value ? { kind: 'found', value } : { kind: 'not_found' };
    },
    listOperations: async (filter) => {
      reads.push(filter);
      return { kind: 'found', value: [...known.values()].filter((one) => matches(filter, one)) };
    },
    ...toloka,
  });
  // The cards are tested elsewhere.
  const cards = {
    ...world.cards,
    update: async () => {},
    addToThread: async () => {},
    link: async () => null,
  };
  deps = { ...world, cards, journal: { ...harness.journal, ...journal } };
  return createPoll(deps, deps.environments.get('production') as Environment);
}

/** A request whose operation runs. Its lease is given back. */
async function running(progress: number | null = null): Promise<ArchiveRequest & { operationId: string }> {
  const intended = await record(deps, await steps.confirmed(), { kind: 'submitting', card: CARD });
  const operation = { ...OPERATION, id: `op-${intended.request.id}`, progress };
  known.set(operation.id, operation);
  const { request } = await recordOutcome(deps, intended, { kind: 'accepted', operation });
  return { ...request, operationId: operation.id };
}
const several = async (count: number) => {
  const requests: (ArchiveRequest & { operationId: string })[] = [];
  while (requests.length < count) requests.push(await running());
  return requests;
};
function change(operationId: string, over: Partial<Operation>): void {
  known.set(operationId, { ...OPERATION, id: operationId, ...known.get(operationId), ...over });
}
const end = (operationId: string, finished = harness.clock.now(), status = 'SUCCESS') =>
  change(operationId, { status, finished });
const state = async ({ id }: ArchiveRequest) => (await harness.journal.get(id))?.state;
async function look(): Promise<typeof reads> {
  reads = [];
  await poll.look();
  return reads;
}

describe('the poll of an account', () => {
  it('reads nothing while nothing runs, and looks again soon', async () => {
    expect(poll.isDue()).toBe(true);
    expect(await look()).toEqual([]);
    expect([poll.isDue(), poll.nextAt()]).toEqual([false, harness.clock.now() + 250]);
    harness.clock.advance(249);
    expect(poll.isDue()).toBe(false);
    harness.clock.advance(1);
    expect(poll.isDue()).toBe(true);
  });

  it('is due at once when the clock was set back by more than any pause', async () => {
    await look();
    harness.clock.advance(250 - 2_000);
    expect(poll.isDue()).toBe(false);
    harness.clock.advance(-1);
    expect(poll.isDue()).toBe(true);
  });

  it('is not due while it looks', async () => {
    let seen: unknown;
    const countRunning: Deps['journal']['countRunning'] = async (name) => {
      seen = [poll.isDue(), poll.nextAt()];
      return harness.journal.countRunning(name);
    };
    poll = create({}, { countRunning });
    await look();
    expect(seen).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  it('goes on a second later when the journal is down', async () => {
    poll = create({}, { countRunning: () => Promise.reject(new Error('down')) });
    await look();
    expect([poll.isDue(), poll.nextAt()]).toEqual([false, harness.clock.now() + 1_000]);
    expect(harness.log.at(-1)).toContain('poll failed');
  });

  it('reads one or two operations by themselves, the less often the older the newest is', async () => {
    const [first, second] = await several(2);
    expect(await look()).toEqual([first?.operationId, second?.operationId]);
    expect(poll.nextAt()).toBe(harness.clock.now() + 500);
    harness.clock.advance(6_000);
    await look();
    expect(poll.nextAt()).toBe(harness.clock.now() + 600);
    end(first?.operationId ?? '');
    known.delete(second?.operationId ?? '');
    await look();
    expect([await state(first as ArchiveRequest), await state(second as ArchiveRequest)]).toEqual([
      ...['succeeded', 'running'],
    ]);
  });
});

describe('more than two running operations', () => {
  it('are read by listings: what has finished, progress every two seconds, and a sweep each minute', async () => {
    const { clock } = harness;
    // The first look without any request starts the minute.
    await look();
    const begun = clock.now();
    const requests = await several(3);
    const [oldest] = requests;
    const finishedSince = (oldest?.submittedAt ?? 0) - CLOCK_SKEW_MS;
    expect(await look()).toEqual([{ finishedSince }, PROGRESS]);
    clock.advance(PROGRESS_EVERY_MS - 1);
    expect(await look()).toEqual([{ finishedSince }]);
    clock.advance(1);
    expect(await look()).toEqual([{ finishedSince }, PROGRESS]);
    clock.advance(begun + SWEEP_MS - clock.now() - 1);
    expect(await look()).toEqual([{ finishedSince }, PROGRESS]);
    clock.advance(1);
    expect(await look()).toEqual([{ finishedSince }, { submittedSince: finishedSince, statuses: OPEN }]);
    clock.advance(SWEEP_MS - 1);
    expect(await look()).toEqual([{ finishedSince }, PROGRESS]);
    clock.advance(1);
    expect((await look()).length).toBe(2);
  });

  it('that have finished are taken to their end, and are not listed again', async () => {
    const { clock } = harness;
    const requests = await several(4);
    const [first, second, third] = requests as [
      ArchiveRequest & { operationId: string },
      (typeof requests)[0],
      (typeof requests)[0],
    ];
    await look();
    clock.advance(1_000);
    end(first.operationId);
    clock.advance(1_000);
    end(second?.operationId ?? '', clock.now(), 'FAIL');
    const last = clock.now();
    // Toloka says that it ends in an hour: a mistake.
    end(third?.operationId ?? '', clock.now() + 3_600_000);
    await look();
    expect(await Promise.all(requests.map(state))).toEqual(['succeeded', 'failed', 'succeeded', 'running']);
    await several(2);
    expect((await look())[0]).toEqual({ finishedSince: last - LATE_MS });
    clock.advance(1_000);
    expect((await look())[0]).toEqual({ finishedSince: last - LATE_MS });
  });

  it('that another worker holds are listed again, for an hour', async () => {
    const { clock, journal } = harness;
    const [first, second] = await several(4);
    const oldest = (first?.submittedAt ?? 0) - CLOCK_SKEW_MS;
    const until = clock.now() + 10 * 3_600_000;
    await journal.claim({ now: clock.now(), until, limit: 1, ids: [first?.id ?? ''] });
    end(first?.operationId ?? '');
    end(second?.operationId ?? '');
    await look();
    expect([await state(first as ArchiveRequest), await state(second as ArchiveRequest)]).toEqual([
      ...['running', 'succeeded'],
    ]);
    expect((await look())[0]).toEqual({ finishedSince: oldest });
    clock.advance(2 * 3_600_000);
    await look();
    expect((await look())[0]).toEqual({ finishedSince: clock.now() - 3_600_000 });
  });

  it('that a request has not begun are not taken for its own', async () => {
    const [first] = await several(3);
    const others: Deps['journal']['running'] = async (...given) =>
      (await harness.journal.running(...given)).map((request) => ({ ...request, operationId: 'another' }));
    end(first?.operationId ?? '');
    poll = create({}, { running: others });
    await look();
    expect(await state(first as ArchiveRequest)).toBe('running');
    expect(harness.log.filter((line) => line.includes('poll failed'))).toEqual([]);
  });

  it('of which one cannot be read hold up no other, and it is taken to its end when it can', async () => {
    const { clock } = harness;
    const requests = await several(52);
    const [damaged] = requests as [(typeof requests)[0], ...typeof requests];
    const last = requests.at(-1) as (typeof requests)[0];
    const database = new Libsql(join(harness.directory, 'journal.db'));
    const set = (column: string, value: unknown, { id }: ArchiveRequest) =>
      database.prepare(`update requests set ${column} = ? where id = ?`).run(value, id);
    const { facts } = database.prepare('select facts from requests where id = ?').get(damaged.id) as {
      facts: string;
    };
    set('facts', '{', damaged);
    set('submitted_at', 'x', last);
    await look();
    for (const { operationId } of requests.slice(0, -1)) end(operationId);
    change(last.operationId, { progress: 40 });
    clock.advance(PROGRESS_EVERY_MS);
    expect(poll.isDue()).toBe(true);
    await look();
    const ended = await Promise.all(requests.slice(1, -1).map(state));
    expect(new Set(ended)).toEqual(new Set(['succeeded']));
    expect((await harness.journal.get(last.id))?.progress).toBe(40);
    expect(harness.log.some((line) => line.includes('cannot be read') && line.includes(damaged.id))).toBe(
      true,
    );
    set('facts', facts, damaged);
    database.close();
    await several(2);
    clock.advance(SWEEP_MS);
    await look();
    expect(await state(damaged)).toBe('succeeded');
  });

  it('are looked at from the start again when none ran meanwhile', async () => {
    const requests = await several(3);
    await look();
    for (const { operationId } of requests) end(operationId);
    await look();
    await look();
    harness.clock.advance(24 * 3_600_000);
    const [next] = await several(3);
    expect((await look())[0]).toEqual({ finishedSince: (next?.submittedAt ?? 0) - CLOCK_SKEW_MS });
  });

  it('are read again when a listing failed', async () => {
    const [first] = await several(3);
    let down = true;
    poll = create({
      listOperations: async (filter): Promise<Reading<Operation[]>> => {
        reads.push(filter);
        if (down) return DOWN;
        return { kind: 'found', value: [] };
      },
    });
    const finishedSince = (first?.submittedAt ?? 0) - CLOCK_SKEW_MS;
    expect((await look())[0]).toEqual({ finishedSince });
    harness.clock.advance(SWEEP_MS);
    expect(await look()).toHaveLength(3);
    expect(harness.log.some((line) => line.includes('operations not listed'))).toBe(true);
    expect(harness.log.some((line) => line.includes('poll failed'))).toBe(false);
    down = false;
    expect((await look())[0]).toEqual({ finishedSince });
  });

  it('that Toloka lists no more are read one by one, twenty in a round, and others in the next', async () => {
    const { clock } = harness;
    const requests = await several(25);
    for (const { operationId } of requests) change(operationId, { status: 'PENDING' });
    await look();
    const missed = requests.slice(1).map(({ operationId }) => operationId);
    for (const id of missed) known.delete(id);
    const sweep = async () => {
      clock.advance(SWEEP_MS);
      return (await look()).filter((read) => typeof read === 'string');
    };
    expect(await sweep()).toEqual(missed.slice(0, 20));
    expect(await sweep()).toEqual([...missed.slice(20), ...missed.slice(0, 16)]);
    change(missed[0] ?? '', { status: 'SUCCESS' });
    await sweep();
    await sweep();
    expect(await state(requests[1] as ArchiveRequest)).toBe('succeeded');
  });
});

describe('progress', () => {
  const shown = async ({ id }: ArchiveRequest) => (await harness.journal.get(id))?.progress;

  it('is noted when it is new, and not in the first two seconds', async () => {
    const request = await running(5);
    change(request.operationId, { progress: 40 });
    harness.clock.advance(PROGRESS_EVERY_MS - 1);
    await look();
    expect(await shown(request)).toBe(5);
    harness.clock.advance(1);
    await look();
    expect(await shown(request)).toBe(40);
  });

  it('of many is noted for fifteen at once; ends are not held up', async () => {
    const requests = await several(20);
    harness.clock.advance(PROGRESS_EVERY_MS);
    // What is known already takes nothing of that.
    await look();
    for (const { operationId } of requests.slice(1)) change(operationId, { progress: 50 });
    harness.clock.advance(PROGRESS_EVERY_MS);
    end(requests[0]?.operationId ?? '');
    await look();
    const progress = await Promise.all(requests.slice(1).map(shown));
    expect(progress.filter((one) => one === 50)).toHaveLength(15);
    expect(await state(requests[0] as ArchiveRequest)).toBe('succeeded');
  });

  it('of a request that another worker holds is left to that worker', async () => {
    const request = await running();
    const lease = newLease(deps);
    await harness.journal.claim({ now: harness.clock.now(), ...lease, limit: 1, ids: [request.id] });
    harness.clock.advance(PROGRESS_EVERY_MS);
    change(request.operationId, { progress: 50 });
    await look();
    expect((await harness.journal.get(request.id))?.lease).toEqual(lease);
  });
});

import type { Advance } from '../../src/archive/journal-port';
import { createTracker } from '../../src/archive/tracker';
import { cardsIn, createHouse, type House, withToloka } from '../support/house';
import { ELSEWHERE, GENERAL } from '../support/stage';

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

async function openMany(count: number, training: object = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => String(700_000 + n));
  for (const id of ids)
    house.stage.account.addTraining({
      id,
      project_id: '74175',
      status: 'CLOSED',
      operationMs: 60_000,
      ...training,
    });
  const requests: string[] = [];
  for (const id of ids) requests.push((await house.archive(id)).id);
  return requests;
}

async function run(seconds: number, parts = house.parts): Promise<void> {
  const tracker = createTracker(parts);
  for (let ticks = 0; ticks < seconds * 4; ticks++) {
    house.clock.advance(250);
    await tracker.tick();
  }
}

const reads = () =>
  house.stage.account.exchanges.filter(
    ({ method, path }) => method === 'GET' && path.includes('/operations'),
  );
const states = async (ids: string[]) =>
  Promise.all(ids.map(async (id) => (await house.journal.get(id))?.state));

describe('many operations', () => {
  it('are watched together: the number of requests does not grow with them', async () => {
    const ids = await openMany(30);
    const before = reads().length;
    await run(20);
    expect(reads().length - before).toBeLessThan(20 * 2);
    await run(50);
    expect(new Set(await states(ids))).toEqual(new Set(['succeeded']));
    expect(cardsIn(house.stage)).toHaveLength(30);
  }, 60_000);

  it('an end that the listing of ends does not show is found by the round', async () => {
    const ids = await openMany(4);
    const blind = { readEndedOperations: async () => ({ kind: 'found' as const, value: [] }) };
    await run(
      130,
      withToloka(house.parts, () => blind),
    );
    expect(new Set(await states(ids))).toEqual(new Set(['succeeded']));
  }, 60_000);

  it('an end that could not be written is listed again, and holds up no other', async () => {
    const ids = await openMany(4, { operationMs: 5_000 });
    const others = await openOther(30_000);
    let failures = 3;
    const journal = {
      ...house.journal,
      advance: async (change: Advance) => {
        if (change.id === ids[0] && change.to === 'succeeded' && failures-- > 0) throw new Error('hiccup');
        return house.journal.advance(change);
      },
    };
    const finds: string[] = [];
    const parts = withToloka(house.parts, () => ({
      // What only a round would find must not be what saves it here.
      readOpenOperations: async () => {
        finds.push('round');
        return { kind: 'unavailable', message: 'not now' };
      },
    }));
    await run(25, { ...parts, journal });
    expect(await states(ids)).toEqual(Array(4).fill('succeeded'));
    expect(failures).toBeLessThan(0);
    expect(await states([others])).toEqual(['running']);
  }, 60_000);

  /** Keeps the listing of ends in use, and ends after the others. */
  async function openOther(operationMs: number): Promise<string> {
    const id = '800000';
    house.stage.account.addTraining({ id, project_id: '74175', status: 'CLOSED', operationMs });
    return (await house.archive(id)).id;
  }

  it('several processes on one journal ask no more than one does, and another takes over', async () => {
    const ids = await openMany(4);
    const trackers = [createTracker(house.parts), createTracker(house.parts), createTracker(house.parts)];
    const runAll = async (seconds: number) => {
      for (let ticks = 0; ticks < seconds * 4; ticks++) {
        house.clock.advance(250);
        await Promise.all(trackers.map((tracker) => tracker.tick()));
      }
    };
    const before = reads().length;
    await runAll(10);
    expect(reads().length - before).toBeLessThan(10 * 3);
    // Whichever watches is gone, as if killed.
    while (trackers.length > 1) trackers.pop();
    await runAll(70);
    expect(new Set(await states(ids))).toEqual(new Set(['succeeded']));
  }, 60_000);

  it('progress leaves room within Slack’s limits', async () => {
    await openMany(20);
    const edits = () => house.stage.workspace.calls.filter(({ method }) => method === 'chat.update').length;
    const before = edits();
    await run(30);
    const some = edits() - before;
    expect(some).toBeGreaterThan(5);
    expect(some).toBeLessThan(45);
  }, 60_000);

  /** Toloka has answered a read with 429. How many reads there were until then. */
  async function slowedDown(retryAfter: string): Promise<number> {
    await openMany(4);
    const headers = { 'retry-after': retryAfter };
    house.stage.account.faults.add({ method: 'GET', fault: { kind: 'status', status: 429, headers } });
    await run(2);
    return reads().length;
  }

  it('a Retry-After of Toloka is kept by everybody', async () => {
    const during = await slowedDown('30');
    await run(25);
    expect(reads().length).toBe(during);
    await run(6);
    expect(reads().length).toBeGreaterThan(during);
  });

  it('but not for longer than five minutes, whoever asks for it', async () => {
    const during = await slowedDown('86400');
    house.clock.advance(280_000);
    await run(5);
    expect(reads().length).toBe(during);
    house.clock.advance(20_000);
    await run(5);
    expect(reads().length).toBeGreaterThan(during);
  });

  it('a slow channel does not hold up another', async () => {
    house.stage.workspace.setMember(ELSEWHERE, 'bot', true);
    const slow = await openMany(6, { operationMs: 2_000 });
    house.actor.channel = ELSEWHERE;
    house.stage.account.addTraining({
      id: '800000',
      project_id: '74175',
      status: 'CLOSED',
      operationMs: 2_000,
    });
    await house.archive('800000');
    house.stage.workspace.faults.add({
      kind: 'ratelimited',
      method: 'chat.postMessage',
      retryAfter: 30,
      times: Number.POSITIVE_INFINITY,
      when: ({ channel }) => channel === GENERAL,
    });
    const refused = () => house.stage.workspace.calls.filter(({ fault }) => fault !== undefined).length;
    await run(10);
    expect(JSON.stringify(cardsIn(house.stage, ELSEWHERE)[0]?.replies)).toContain('is archived after');
    expect(refused()).toBeLessThanOrEqual(slow.length);
    house.stage.workspace.faults.clear();
    await run(60);
    for (const card of cardsIn(house.stage))
      expect(JSON.stringify(card.replies)).toContain('is archived after');
  }, 60_000);
});

import { DEMO_TRAININGS } from '../../fakes/toloka';
import { unlessPaused } from '../../src/archive/pause';
import type { Deps, SubmitResult } from '../../src/archive/ports';
import type { ArchiveRequest } from '../../src/archive/request';
import type { Actor } from '../../src/archive/service';
import { createWorker } from '../../src/archive/worker';
import {
  ALICE,
  askOne,
  BOB,
  cardsIn,
  confirmOne,
  createHarness,
  type Harness,
  shownOf,
  textOf,
  withToloka,
} from '../support/harness';

const trainingId: string = DEMO_TRAININGS.ready.id;
const TARGET = { environment: 'production', trainingId };
const CAROL = 'U03CAROL';

let harness: Harness;
let admin: Actor;
async function begin(options: Parameters<typeof createHarness>[0] = {}): Promise<void> {
  harness = await createHarness({
    ...options,
    env: { ADMIN_ALLOW: `${BOB},${CAROL}`, ...options.env },
  });
  admin = { ...harness.actor, user: BOB };
}
afterEach(() => harness.close());

const pause = (reason = 'an incident') => harness.service.pause(admin, reason);
const resume = () => harness.service.resume(admin);
const posts = (id = trainingId) => harness.account.posts(id).arrived;
/** As it is now, without what it was before. */
const card = () => {
  const { text, blocks } = cardsIn(harness)[0] ?? {};
  return textOf({ text, blocks });
};
const codes = async () => (await harness.denials()).map(({ code }) => code);

async function planned(id = trainingId): Promise<ArchiveRequest> {
  const asked = await askOne(harness.service, harness.actor, { ...TARGET, trainingId: id });
  if (asked.kind !== 'planned') throw new Error(`Not planned: ${JSON.stringify(asked)}`);
  return asked.request;
}
const confirm = async (request: ArchiveRequest) =>
  confirmOne(harness.service, harness.actor, shownOf(request), 'no longer used');

async function work(seconds: number, deps = harness.deps): Promise<void> {
  const worker = createWorker(deps);
  for (let passed = 0; passed < seconds; passed++) {
    harness.clock.advance(1_000);
    await worker.tick();
  }
}

/** Keeps the whole process from doing anything, as when it is stopped. */
function stall(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** Pauses while the card of a request is being posted: after the confirmation and before anything is sent. */
const pausingAtTheCard = (deps: Deps): Deps => ({
  ...deps,
  cards: {
    ...deps.cards,
    post: async (requests) => {
      const posted = await deps.cards.post(requests);
      await deps.journal.setPause({
        ...{ kind: 'paused', user: BOB, reason: 'an incident' },
        ...{ at: deps.clock.now(), team: 'T0TEAM', channel: 'C01GENERAL' },
      });
      return posted;
    },
  },
});

describe('pause and resume', () => {
  beforeEach(() => begin());

  it('are for ADMIN_ALLOW only, and say who paused when it is so already', async () => {
    expect(await harness.service.pause(harness.actor, 'mine')).toEqual({
      kind: 'denied',
      code: 'pause_not_allowed',
    });
    expect(await resume()).toEqual({ kind: 'not_paused' });
    const expected = { user: BOB, reason: 'an incident', at: harness.clock.now() };
    expect(await pause()).toEqual({ kind: 'paused', pause: expected });
    harness.clock.advance(1_000);
    const carol = { ...admin, user: CAROL };
    expect(await harness.service.pause(carol, 'another')).toEqual({
      kind: 'already_paused',
      pause: expected,
    });
    expect(await harness.service.resume(harness.actor)).toMatchObject({ kind: 'denied' });
    expect(await harness.journal.pause()).toEqual(expected);
    expect(await harness.service.resume(carol)).toEqual({ kind: 'resumed', pause: expected });
    expect(await harness.journal.pause()).toBeNull();
    expect(await harness.denials()).toMatchObject([
      { code: 'pause_not_allowed', user: ALICE, detail: 'not_allowed' },
      { code: 'already_paused', user: CAROL },
      { code: 'not_paused', user: BOB },
      { code: 'pause_not_allowed', user: ALICE, detail: 'not_allowed' },
    ]);
  });

  it('tell people who ask or confirm who paused and why, and nothing is sent', async () => {
    const request = await planned();
    await pause();
    const denied = { kind: 'denied', code: 'paused', pause: { user: BOB, reason: 'an incident' } };
    expect(await askOne(harness.service, harness.actor, TARGET)).toMatchObject(denied);
    expect(await confirm(request)).toMatchObject(denied);
    expect(await codes()).toEqual(['paused', 'paused']);
    expect(cardsIn(harness)).toEqual([]);
    await resume();
    expect(await confirm(request)).toMatchObject({ kind: 'confirmed' });
    expect(posts()).toBe(1);
  });

  it('leave alone what Toloka is archiving', async () => {
    const { id } = await harness.archive(trainingId);
    await pause();
    expect((await harness.settle(id)).state).toBe('succeeded');
    expect(card()).not.toContain('paused');
  });
});

describe('a request that was confirmed before the pause', () => {
  beforeEach(() => begin({ deps: pausingAtTheCard }));

  it('waits, says why on its card, and goes on after the pause', async () => {
    const confirmed = await confirm(await planned());
    expect(confirmed).toMatchObject({ kind: 'confirmed', request: { state: 'confirmed' } });
    await work(300);
    expect(card()).toContain('waiting until archiving is resumed');
    expect(card()).toMatch(new RegExp(`Archiving is paused.* \\(by <@${BOB}>, since .*\\): “an incident”`));
    expect(posts()).toBe(0);
    const [request] = await harness.journal.claim({ now: 0, until: 1, limit: 1, ids: ['id-1'] });
    expect((request?.stepAt ?? 0) - harness.clock.now()).toBeLessThan(60_000);

    await resume();
    await work(60);
    expect(card()).toContain('*Archived*');
    expect(card()).not.toContain('paused');
    expect(posts()).toBe(1);
    expect(cardsIn(harness)).toHaveLength(1);
  }, 60_000);

  it('does not call itself paused any more when it is sent', async () => {
    await confirm(await planned());
    await work(10);
    await resume();
    const cards: string[] = [];
    const watched = withToloka(harness.deps, ({ archive }) => ({
      archive: (...given) => {
        cards.push(card());
        return archive(...given);
      },
    }));
    await work(60, watched);
    expect(cards).toHaveLength(1);
    expect(cards[0]).toContain('being sent to Toloka');
    expect(cards[0]).not.toMatch(/paused|Withdraw/);
  });

  it('is not sent when its plan is another one after the pause', async () => {
    const request = await planned();
    await confirm(request);
    harness.account.updateTraining(trainingId, { private_name: 'Renamed meanwhile' });
    await resume();
    await work(10);
    expect(await harness.journal.get(request.id)).toMatchObject({
      state: 'not_started',
      outcome: { code: 'plan_drifted' },
    });
    expect(posts()).toBe(0);
  });

  it('shows on its card who has paused again', async () => {
    await confirm(await planned());
    await resume();
    await harness.service.pause({ ...admin, user: CAROL }, 'a second incident');
    await work(5);
    expect(card()).toContain(`by <@${CAROL}>`);
    expect(card()).toContain('a second incident');
    expect(posts()).toBe(0);
  });

  it('goes on waiting when archiving is paused again while its plan is checked', async () => {
    const { id } = await planned();
    await confirm((await harness.journal.get(id)) as ArchiveRequest);
    await resume();
    const pausing = withToloka(harness.deps, ({ listOperations }) => ({
      listOperations: async (filter) => {
        await pause('a second incident');
        return listOperations(filter);
      },
    }));
    await work(5, pausing);
    expect(await harness.journal.get(id)).toMatchObject({ state: 'confirmed' });
    await resume();
    await work(10);
    expect(await harness.journal.get(id)).toMatchObject({ state: 'succeeded' });
    expect(posts()).toBe(1);
  });

  it('goes on after a pause of more than a day', async () => {
    const { id } = await planned();
    await confirm((await harness.journal.get(id)) as ArchiveRequest);
    for (let hours = 0; hours < 30; hours++) {
      harness.clock.advance(3_600_000);
      await work(1);
    }
    expect(await harness.journal.get(id)).toMatchObject({ state: 'confirmed' });
    await resume();
    await work(100);
    expect(await harness.journal.get(id)).toMatchObject({ state: 'succeeded' });
    expect(posts()).toBe(1);
  });
});

describe('a batch that was confirmed before the pause', () => {
  it('waits as a whole and goes on', async () => {
    await begin({ deps: pausingAtTheCard });
    harness.account.addTraining({ id: '700001', project_id: '74175', status: 'CLOSED' });
    const [first, second] = [await planned(), await planned('700001')];
    const confirmed = await harness.service.confirm(harness.actor, [first, second].map(shownOf), 'old');
    await confirmed.done;
    await work(10);
    expect(card()).toContain('2 waiting while archiving is paused');
    expect([posts(), posts('700001')]).toEqual([0, 0]);
    // Only the first one writes the card and the thread.
    const [shown] = cardsIn(harness);
    expect(shown?.metadata?.event_payload).toEqual({ request_id: first.id });
    expect(textOf(shown?.replies.map(({ text }) => text)).match(/confirmed\./g)).toHaveLength(1);
    await resume();
    await work(30);
    expect(card()).toContain('2 archived');
    expect([posts(), posts('700001')]).toEqual([1, 1]);
  });
});

describe('a batch whose first request waits in a pause', () => {
  async function confirmTwo(): Promise<ArchiveRequest[]> {
    harness.account.addTraining({ id: '700001', project_id: '74175', status: 'CLOSED' });
    const both = [await planned(), await planned('700001')];
    const { done } = await harness.service.confirm(harness.actor, both.map(shownOf), 'old');
    await done;
    return both;
  }

  it('goes on as a whole after a pause of more than a day', async () => {
    await begin({ deps: pausingAtTheCard });
    await confirmTwo();
    for (let hours = 0; hours < 30; hours++) {
      harness.clock.advance(3_600_000);
      await work(1);
    }
    await resume();
    await work(100);
    expect(card()).toContain('2 archived');
    expect([posts(), posts('700001')]).toEqual([1, 1]);
  });

  it('says of none that it is being sent, also when the last approvals came in the pause', async () => {
    await begin({ env: { APPROVALS_PRODUCTION: '1', APPROVE_ALLOW: BOB, ARCHIVE_ALLOW: ALICE } });
    const both = await confirmTwo();
    await pause();
    const fingerprints = both.map(({ plan }) => plan.fingerprint);
    await harness.service.approve(admin, both[0]?.id ?? '', fingerprints);
    await work(10);
    expect(card()).toContain('2 waiting while archiving is paused');
    expect(card()).not.toContain('being sent');
    await resume();
    await work(30);
    expect(card()).toContain('2 archived');
    expect([posts(), posts('700001')]).toEqual([1, 1]);
  });
});

describe('approvals while archiving is paused', () => {
  it('count, and the request waits after the last one', async () => {
    await begin({ env: { APPROVALS_PRODUCTION: '1', APPROVE_ALLOW: BOB, ARCHIVE_ALLOW: ALICE } });
    const request = await planned();
    expect(await confirm(request)).toMatchObject({ request: { state: 'awaiting_approval' } });
    await pause();
    const [approved] = await harness.service.approve(admin, request.id, [request.plan.fingerprint]);
    expect(approved).toMatchObject({ kind: 'approved', left: 0, request: { state: 'confirmed' } });
    await work(10);
    expect(card()).toContain('waiting until archiving is resumed');
    expect(card()).toContain(`Approved by <@${BOB}>`);
    expect(posts()).toBe(0);
    await resume();
    await work(10);
    expect(card()).toContain('*Archived*');
    expect(posts()).toBe(1);
  });
});

describe('a process that stalls', () => {
  const ended = async (code: string) => {
    expect(await harness.journal.get('id-1')).toMatchObject({ state: 'not_started', outcome: { code } });
    expect(posts()).toBe(0);
  };

  it('after the intent, sends nothing when archiving was paused meanwhile', async () => {
    await begin({
      deps: (deps) => ({
        ...deps,
        journal: {
          ...deps.journal,
          advance: async (fence, change) => {
            const after = await deps.journal.advance(fence, change);
            if (change.kind === 'submitting') {
              await pause();
              stall(300);
            }
            return after;
          },
        },
      }),
    });
    await confirm(await planned());
    await ended('paused');
    expect(card()).toContain('Somebody paused archiving just before this was sent');
  });

  it('before the first byte leaves, sends nothing, because nobody knows whether archiving is paused', async () => {
    await begin({
      deps: (deps) =>
        withToloka(deps, ({ archive }) => ({
          archive: (id, correlationId, mayStart) =>
            archive(id, correlationId, () => {
              stall(1_000);
              return mayStart?.() ?? true;
            }),
        })),
    });
    await confirm(await planned());
    await ended('toloka_held');
  });

  it('while it connects, learns of a pause', async () => {
    await begin();
    let looks = 0;
    let onThird = () => {};
    const third = new Promise<void>((resolve) => {
      onThird = resolve;
    });
    const journal = {
      ...harness.journal,
      pause: async () => {
        const found = await harness.journal.pause();
        looks += 1;
        // By then the second look has been taken in.
        if (looks === 3) onThird();
        return found;
      },
    };
    const asked: boolean[] = [];
    const result = await unlessPaused(
      { ...harness.deps, journal },
      Number.NEGATIVE_INFINITY,
      async (mayStart): Promise<SubmitResult> => {
        await pause();
        await third;
        asked.push(mayStart());
        return { kind: 'not_sent', outcome: { code: 'toloka_held' } };
      },
    );
    expect(asked).toEqual([false]);
    expect(result).toEqual({ kind: 'not_sent', outcome: { code: 'paused' } });
  });

  it('is not kept from sending by a clock that is set meanwhile', async () => {
    await begin();
    const now = performance.now();
    const result = await unlessPaused(harness.deps, now, async (mayStart): Promise<SubmitResult> => {
      harness.clock.advance(3_600_000);
      return mayStart() ? { kind: 'already_archived' } : { kind: 'not_sent', outcome: { code: 'x' } };
    });
    expect(result).toEqual({ kind: 'already_archived' });
  });
});

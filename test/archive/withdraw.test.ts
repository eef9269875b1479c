import { DEMO_TRAININGS } from '../../fakes/toloka';
import type { ApprovalResult } from '../../src/archive/approval-clicks';
import type { Deps, Toloka } from '../../src/archive/ports';
import { recordLateAnswer } from '../../src/archive/record';
import type { ArchiveRequest } from '../../src/archive/request';
import { createService } from '../../src/archive/service';
import { createWorker } from '../../src/archive/worker';
import { type Approvals, connectApprovals } from '../support/approvals';
import { ALICE, BOB, cardsIn, GENERAL, LIMITS, textOf, withToloka } from '../support/harness';
import { OPERATION } from '../support/steps';

const { id: READY } = DEMO_TRAININGS.ready;
const OTHERS = ['900001', '900002'];

let team: Approvals;
afterEach(() => team.close());

const as = (user: string) => ({ user, channel: GENERAL, team: 'T0TEAM' });
const admin = as(BOB);
const pause = () => team.service.pause(admin, 'an incident');
const resume = () => team.service.resume(admin);
const codes = (results: ApprovalResult[]) =>
  results.map((one) => (one.kind === 'denied' ? one.code : one.kind));
const denied = async () => (await team.denials()).map(({ code }) => code);
const states = async () => (await team.requests()).map(({ state }) => state);
const now = async (id: string) => (await team.journal.get(id)) as ArchiveRequest;
const kinds = async (id: string) => (await team.journal.events(id)).map(({ kind }) => kind);
const withdraw = (id: string, deps?: Deps) =>
  (deps ? createService(deps) : team.service).withdraw(as(ALICE), id);

/** A world in which nobody has to approve, and archiving is paused as soon as the card is in the channel. */
async function start(...trainingIds: string[]): Promise<ArchiveRequest> {
  team = await connectApprovals(
    { APPROVALS_PRODUCTION: '0', ADMIN_ALLOW: BOB },
    {
      deps: (deps) => ({
        ...deps,
        cards: {
          ...deps.cards,
          post: async (requests) => {
            const posted = await deps.cards.post(requests);
            await pause();
            return posted;
          },
        },
      }),
    },
  );
  for (const id of OTHERS) team.account.addTraining({ id, project_id: '74175', status: 'CLOSED' });
  return team.request(...(trainingIds.length > 0 ? trainingIds : [READY]));
}

/** Lets a day's work pass, as if nobody had ever paused. */
async function afterResume(): Promise<void> {
  await resume();
  await team.later(0.1);
  await team.later(0.1);
}

describe('a request that waits for the end of a pause', () => {
  it('can be withdrawn by its requester, is never sent, and card, thread and record say so', async () => {
    const { id } = await start();
    expect(team.card()).toMatch(
      /paused\* \(by .*\): “an incident”\. The request continues when archiving is resumed[\s\S]*\[Withdraw\]/,
    );
    await team.click(team.alice, 'Withdraw');
    expect(team.card()).toMatch(/\*Cancelled\*[\s\S]*Withdrawn by @alice$/m);
    expect(team.card()).not.toMatch(/\[Withdraw\]|paused/);
    expect(team.thread()).toContain('@alice withdrew the request.');
    const withdrawn = await now(id);
    expect(team.card()).toContain(withdrawn.receipt);
    expect((await team.journal.events(id)).at(-1)).toMatchObject({
      ...{ kind: 'withdrawn', from: 'confirmed', to: 'cancelled', actor: ALICE },
    });
    await afterResume();
    expect([await states(), team.posts()]).toEqual([['cancelled'], 0]);
    // The training is free again.
    await team.request(READY);
    await afterResume();
    expect([await states(), team.posts()]).toEqual([['succeeded'], 1]);
  });

  it('can be withdrawn by nobody else, and each denial is recorded', async () => {
    const { id } = await start();
    await team.click(team.bob, 'Withdraw');
    expect(team.seenBy(team.bob)).toContain('Only the person who asked can withdraw this request.');
    expect([await denied(), await states()]).toEqual([['not_yours'], ['confirmed']]);
    expect((await team.denials())[0]).toMatchObject({ user: BOB, requestId: id });
  });

  it('has the button in a pause only', async () => {
    await start();
    expect(team.card()).toContain('[Withdraw]');
    await resume();
    team.account.updateTraining(READY, { operationMs: 10_000 });
    await team.later(0.1);
    expect(await states()).toEqual(['running']);
    expect(team.card()).not.toContain('[Withdraw]');
  });

  it('a second click says that it is withdrawn', async () => {
    const { id } = await start();
    expect(codes(await withdraw(id))).toEqual(['ended']);
    await team.click(team.alice, 'Withdraw');
    expect(team.seenBy(team.alice)).toContain('can’t be withdrawn any more. Status: Cancelled.');
    expect(await team.denials()).toMatchObject([{ code: 'already_decided', detail: 'cancelled' }]);
  });

  it('after the last approval, too; an approval after that changes nothing', async () => {
    team = await connectApprovals({ APPROVALS_PRODUCTION: '1', ADMIN_ALLOW: BOB });
    const { id, plan } = await team.request(READY);
    await pause();
    await team.click(team.bob, 'Approve');
    expect(team.card()).toMatch(/Approved by @bob[\s\S]*\[Withdraw\]/);
    const approved = await team.service.approve(as('U03CAROL'), id, [plan.fingerprint]);
    expect(codes(approved)).toEqual(['already_decided']);
    expect(codes(await team.service.decline(as('U03CAROL'), id, 'no'))).toEqual(['already_decided']);
    await team.click(team.alice, 'Withdraw');
    await afterResume();
    expect([await states(), team.posts()]).toEqual([['cancelled'], 0]);
  });
});

describe('a withdrawal and a worker that holds the request', () => {
  /** A worker that goes on after the pause, with a click at one moment of it. */
  async function meeting(id: string, deps: (click: () => Promise<void>) => Deps) {
    const results: ApprovalResult[] = [];
    let clicked = false;
    const click = async () => {
      if (clicked) return;
      clicked = true;
      expect((await now(id)).lease).not.toBeNull();
      results.push(...(await withdraw(id)));
    };
    await resume();
    team.clock.advance(60_000);
    await createWorker(deps(click)).tick();
    await team.later(0.1);
    return { said: codes(results), state: (await now(id)).state, posts: team.posts() };
  }
  const onRead =
    (name: 'listOperations' | 'readTraining') =>
    (click: () => Promise<void>): Deps =>
      withToloka(team.deps, (toloka) => ({
        [name]: async (...given: never[]) => {
          const answer = await (toloka[name] as (...given: never[]) => Promise<unknown>)(...given);
          await click();
          return answer;
        },
      })) as Deps;
  const onIntent =
    (when: 'before' | 'after') =>
    (click: () => Promise<void>): Deps => ({
      ...team.deps,
      journal: {
        ...team.deps.journal,
        advance: async (fence, change) => {
          const isIntent = change.kind === 'submitting';
          if (isIntent && when === 'before') await click();
          const after = await team.deps.journal.advance(fence, change);
          if (isIntent && when === 'after') await click();
          return after;
        },
      },
    });

  it.each([
    ['while the plan is read', onRead('readTraining')],
    ['while the operations are listed', onRead('listOperations')],
    ['right before the intent is written', onIntent('before')],
  ])('%s: it is written at once, and nothing is sent', async (_what, deps) => {
    const { id } = await start();
    expect(await meeting(id, deps)).toEqual({ said: ['ended'], state: 'cancelled', posts: 0 });
    expect(cardsIn(team)).toHaveLength(1);
    expect(team.card()).toMatch(/\*Cancelled\*/);
    expect(team.thread().split('withdrew the request')).toHaveLength(2);
  });

  it('once the intent is written: it is denied, says that it is being sent, and it is sent once', async () => {
    const { id } = await start();
    const met = await meeting(id, onIntent('after'));
    expect(met).toEqual({ said: ['already_decided'], state: 'succeeded', posts: 1 });
    expect(await team.denials()).toMatchObject([{ code: 'already_decided', detail: 'submitting' }]);
    expect(await kinds(id)).not.toContain('withdrawn');
  });

  it('that goes on while the click asks Toloka: the click is denied', async () => {
    const { id } = await start();
    let first = true;
    const deps = withToloka(team.deps, (toloka) => ({
      listOperations: async (filter) => {
        const answer = await toloka.listOperations(filter);
        if (first) {
          first = false;
          await afterResume();
        }
        return answer;
      },
    }));
    expect(codes(await withdraw(id, deps))).toEqual(['already_decided']);
    expect([await states(), team.posts()]).toEqual([['succeeded'], 1]);
  });
});

describe('a request that may have been sent, which the journal does not know', () => {
  const sendBefore = async (more: object = {}) => {
    team.account.updateTraining(READY, { operationMs: 5_000, ...more });
    const { toloka } = team.deps.environments.get('production') ?? {};
    await toloka?.archive(READY, 'the same request, before the copy of the journal was made');
  };

  it('is not withdrawn when Toloka has an operation that it may have begun, but looked up', async () => {
    const { id } = await start();
    await sendBefore();
    await team.click(team.alice, 'Withdraw');
    expect(team.seenBy(team.alice)).toContain(
      'can’t be withdrawn any more. Status: Outcome unknown; looking it up.',
    );
    expect((await team.journal.events(id)).at(3)).toMatchObject({ kind: 'found_running' });
    await team.later(0.1);
    expect([await states(), team.posts()]).toEqual([['succeeded'], 1]);
    expect(await kinds(id)).toEqual(['asked', 'confirmed', 'late_evidence', 'found_running', 'succeeded']);
    expect((await team.journal.events(id))[2]?.actor).toBe('app');
    expect(team.card()).toContain('*Archived*');
    expect(await team.denials()).toMatchObject([{ code: 'already_decided', detail: 'unknown' }]);
  });

  it.each<[string, Partial<Toloka>]>([
    [
      'Toloka cannot be read',
      { listOperations: async () => ({ kind: 'unavailable', why: { code: 'down' } }) },
    ],
    [
      'an operation does not name its training',
      { listOperations: async () => ({ kind: 'found', value: [OPERATION] }) },
    ],
  ])('is not withdrawn while nobody knows: %s', async (_what, toloka) => {
    const { id } = await start();
    const before = await now(id);
    expect(
      codes(
        await withdraw(
          id,
          withToloka(team.deps, () => toloka),
        ),
      ),
    ).toEqual(['not_checked']);
    expect(await now(id)).toMatchObject({ state: 'confirmed', version: before.version });
    expect(await team.denials()).toMatchObject([{ code: 'not_checked', requestId: id }]);
    expect(codes(await withdraw(id))).toEqual(['ended']);
  });

  it('the reply says that it was not withdrawn, and what to do', async () => {
    await start();
    team.account.faults.add({ path: '/operations', times: 99, fault: { kind: 'status', status: 503 } });
    await team.click(team.alice, 'Withdraw');
    expect(team.seenBy(team.alice)).toMatch(
      /could not check whether .* was not withdrawn.*Try again in a minute/,
    );
    expect(await states()).toEqual(['confirmed']);
  });

  it('is not withdrawn without the account, which it would be looked up in', async () => {
    const { id } = await start();
    expect(codes(await withdraw(id, { ...team.deps, environments: new Map() }))).toEqual([
      'environment_not_set',
    ]);
    expect(await states()).toEqual(['confirmed']);
  });

  it.each([
    ['confirmed', false],
    ['withdrawn', true],
  ])('and is %s when the answer to its POST comes late: it is looked up', async (_what, isWithdrawn) => {
    const { id } = await start();
    if (isWithdrawn) expect(codes(await withdraw(id))).toEqual(['ended']);
    await sendBefore();
    await recordLateAnswer(team.deps, id, { kind: 'unknown', outcome: { code: 'x' } });
    expect((await now(id)).state).toBe('unknown');
    await team.later(0.1);
    await team.later(0.1);
    expect([await states(), team.posts()]).toEqual([['succeeded'], 1]);
    expect(team.card()).toContain('*Archived*');
    expect(team.card()).not.toContain('Withdrawn');
  });

  it('and was withdrawn, but the POST did nothing: the card says what is known', async () => {
    const { id } = await start();
    expect(codes(await withdraw(id))).toEqual(['ended']);
    await recordLateAnswer(team.deps, id, { kind: 'unknown', outcome: { code: 'x' } });
    team.clock.advance(LIMITS.graceMs);
    await team.later(0.1);
    expect(await now(id)).toMatchObject({ state: 'not_started', outcome: { code: 'found_nothing' } });
    expect(team.card()).toContain('Not started; nothing was archived');
  });
});

describe('a batch that waits for the end of a pause', () => {
  const [SECOND = '', THIRD = ''] = OTHERS;

  it('is withdrawn as one', async () => {
    await start(READY, SECOND, THIRD);
    expect(team.card()).toMatch(/3 waiting while archiving is paused[\s\S]*\[Withdraw\]/);
    await team.click(team.alice, 'Withdraw');
    expect(await states()).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(team.card()).toContain('3 withdrawn');
    expect(team.card()).not.toContain('[Withdraw]');
    // One line for the click, and one message for the end.
    expect(team.thread().split('withdrew the request')).toHaveLength(2);
    expect(team.thread()).toContain('@alice, 3 trainings: 3 withdrawn.');
    await afterResume();
    expect([await states(), team.posts()]).toEqual([['cancelled', 'cancelled', 'cancelled'], 0]);
  });

  /** As if it had been sent before the pause. */
  async function sendSecond(first: ArchiveRequest): Promise<void> {
    const [, second] = await team.requests();
    if (second === undefined) throw new Error('No second request');
    const pause = await team.journal.pause();
    if (pause === null) throw new Error('Not paused');
    const change = { ...pause, team: second.team, channel: second.channel };
    await team.journal.setPause({ ...change, kind: 'resumed' });
    const fence = { id: second.id, version: second.version, at: team.clock.now(), actor: 'app' };
    await team.journal.advance(fence, { kind: 'submitting', card: first.card ?? { channel: '', ts: '' } });
    await team.journal.setPause({ ...change, kind: 'paused' });
  }

  it('also those that have not noticed the pause; those that were sent go on', async () => {
    await sendSecond(await start(READY, SECOND, THIRD));
    // The process of the third one was killed before it looked.
    const at = team.clock.now();
    const third = (await team.requests())[2]?.id ?? '';
    const [held] = await team.journal.claim({ now: at, until: at + 9, limit: 1, ids: [third] });
    if (held?.lease) await team.journal.note(third, held.lease, at, { pause: null }, { release: true });
    await team.click(team.alice, 'Withdraw');
    expect(team.seenBy(team.alice)).toBe('');
    const [one, two, three] = await states();
    expect([one, three]).toEqual(['cancelled', 'cancelled']);
    expect(two).toMatch(/unknown|not_started/);
    expect(textOf(cardsIn(team)[0]?.blocks)).toContain('2 withdrawn');
  });

  it('of which one was sent: a second click gets no status that is true of some only', async () => {
    await sendSecond(await start(READY, SECOND, THIRD));
    for (let clicks = 0; clicks < 2; clicks++) {
      await team.alice.click('Withdraw', { message: cardsIn(team)[0]?.ts ?? '' });
      await team.settled();
    }
    expect(await states()).toEqual(['cancelled', 'submitting', 'cancelled']);
    expect(team.seenBy(team.alice)).toBe(
      'None of these trainings can be withdrawn any more, so your click changed nothing. The card shows the status of each.',
    );
    expect(await denied()).toEqual(['already_decided']);
  });
});

import type { Asked } from '../../src/archive/answers';
import { createAsk } from '../../src/archive/ask';
import { createChecks, ifUnchanged } from '../../src/archive/checks';
import { RequestChangedError } from '../../src/archive/errors';
import type { Deps, Reach, Reading, Toloka } from '../../src/archive/ports';
import { FRESH_MS } from '../../src/archive/timing';
import { TRAINING, useSteps } from '../support/steps';

const { harness, steps } = useSteps();
// Denials are listed by their time.
beforeEach(() => harness.clock.advance(1));

const ACTOR = { user: 'U1', channel: 'C1', team: 'T1' };
const OPEN: Partial<Toloka> = {
  readTraining: async (id) => ({ kind: 'found', value: { ...TRAINING, id, status: 'OPEN' } }),
};
let trainings = 8_000;
const target = () => ({ environment: 'production', trainingId: String(++trainings) });

/** A world in which the app can post in the channel or not. */
const world = (toloka: Partial<Toloka> = {}, reach: Reach = 'yes'): Deps =>
  steps.world(toloka, { reach: async () => reach });
const ask = (deps: Deps, wanted = [target()]) => createAsk(deps, createChecks(deps))(ACTOR, wanted);
async function askOne(deps: Deps, wanted = target()): Promise<Asked | undefined> {
  const asked = await ask(deps, [wanted]);
  return asked.kind === 'denied' ? asked : asked.each[0];
}
const lastDenial = async () => (await harness.denials())[0];

describe('a question', () => {
  it('writes a request with its plan, and who asked where', async () => {
    const wanted = { ...target(), retryOf: 'earlier' };
    const answer = await createAsk(world(), createChecks(world()))({ ...ACTOR, enterprise: 'E1' }, [wanted]);
    const { trainingId } = wanted;
    const written = {
      ...{ state: 'planned', trainingId, environment: 'production', retryOf: 'earlier', enterprise: 'E1' },
      ...{ requester: 'U1', channel: 'C1', team: 'T1', createdAt: harness.clock.now() },
      plan: { trainingId, blockers: [] },
    };
    expect(answer).toMatchObject({ each: [{ kind: 'planned', changes: [], request: written }] });
    expect(await askOne(world())).toMatchObject({ request: { retryOf: null, enterprise: null } });
  });

  it('of several reads what is around the trainings once, and answers in their order', async () => {
    const wanted = [target(), target(), target()];
    steps.calls.length = 0;
    const asked = await ask(world(), wanted);
    const ids =
      asked.kind === 'answers'
        ? asked.each.map((one) => one.kind === 'planned' && one.request.trainingId)
        : [];
    expect(ids).toEqual(wanted.map(({ trainingId }) => trainingId));
    expect(steps.calls.filter((call) => call === 'readPools')).toHaveLength(1);
  });

  it('by somebody without the right is denied, for all trainings at once', async () => {
    const wanted = [target(), target()];
    const deps = { ...world(), policy: async () => 'not_allowed' as const };
    expect(await ask(deps, wanted)).toEqual({ kind: 'denied', code: 'not_allowed' });
    const detail = `trainings ${wanted.map(({ trainingId }) => trainingId).join(', ')}`;
    expect(await lastDenial()).toMatchObject({
      code: 'not_allowed',
      environment: 'production',
      trainingId: null,
      detail,
    });
    harness.clock.advance(1);
    await ask(deps, []);
    expect(await lastDenial()).toMatchObject({ environment: null, trainingId: null, detail: '' });
  });

  it('while archiving is paused is denied, with who paused it', async () => {
    const pause = { user: 'U9', reason: 'an incident', at: 5 };
    const deps = world();
    const paused = { ...deps, journal: { ...deps.journal, pause: async () => pause } };
    expect(await ask(paused)).toEqual({ kind: 'denied', code: 'paused', pause });
    expect(await lastDenial()).toMatchObject({ code: 'paused' });
  });

  it('in a direct message is denied', async () => {
    expect(await ask(world({}, 'direct_message'))).toEqual({ kind: 'denied', code: 'direct_message' });
  });

  it.each<[Partial<Toloka>, Reach, string[]]>([
    [{}, 'not_in_channel', ['not_in_channel']],
    [OPEN, 'yes', ['not_closed']],
    [OPEN, 'not_in_channel', ['not_closed', 'not_in_channel']],
  ])('is blocked, and the denial says by what: %#', async (toloka, reach, codes) => {
    const wanted = target();
    const notInChannel = reach === 'not_in_channel';
    expect(await askOne(world(toloka, reach), wanted)).toMatchObject({
      kind: 'blocked',
      changes: [],
      notInChannel,
    });
    const { trainingId } = wanted;
    expect(await lastDenial()).toMatchObject({
      code: codes[0],
      detail: codes.join(', '),
      trainingId,
      requestId: null,
    });
    expect(await harness.journal.lastEnded('production', trainingId)).toBeUndefined();
  });

  it('about a channel of which Slack says nothing gets its plan', async () => {
    expect(await askOne(world({}, 'unknown'))).toMatchObject({ kind: 'planned' });
  });

  it('about an account that the app does not have is denied', async () => {
    const wanted = { ...target(), environment: 'elsewhere' };
    expect(await askOne(world(), wanted)).toEqual({ kind: 'denied', code: 'environment_not_set' });
    expect(await lastDenial()).toMatchObject({ code: 'environment_not_set', ...wanted });
  });

  it('about a training with an open request points at that', async () => {
    const { request } = await steps.confirmed();
    const { id, trainingId } = request;
    expect(await askOne(world(), { environment: 'production', trainingId })).toMatchObject({
      ...{ kind: 'already_open', request: { id } },
    });
    expect(await lastDenial()).toMatchObject({ code: 'already_open', detail: id, trainingId });
  });

  it('that nobody could approve is denied', async () => {
    const audience = { everyone: false, people: ['U1'], groups: [] };
    const deps = { ...world(), approval: { ...harness.deps.approval, needed: () => 1, audience } };
    expect(await askOne(deps)).toEqual({ kind: 'denied', code: 'too_few_approvers' });
  });

  it('is answered also when the denial cannot be recorded', async () => {
    const deps = world();
    const deny = () => Promise.reject(new Error('down'));
    const failing = {
      ...deps,
      policy: async () => 'not_allowed' as const,
      journal: { ...deps.journal, deny },
    };
    expect(await ask(failing)).toMatchObject({ kind: 'denied', code: 'not_allowed' });
    expect(harness.log.some((line) => line.includes('denial not recorded'))).toBe(true);
  });

  it('that is denied does not wait for what goes wrong with the rest', async () => {
    const readTraining = (): Promise<Reading<never>> => Promise.reject(new Error('odd'));
    const deps = { ...world({ readTraining }), policy: async () => 'not_allowed' as const };
    expect(await ask(deps)).toMatchObject({ kind: 'denied' });
    await expect(ask(world({ readTraining }))).rejects.toThrow('odd');
  });
});

describe('the checks', () => {
  it('call a plan fresh once, for ten minutes', async () => {
    const { remember, takeFresh } = createChecks(world());
    const [one, other] = [await steps.planned(), await steps.planned()];
    expect(takeFresh(one)).toBe(false);
    remember(one);
    remember(other);
    harness.clock.advance(FRESH_MS - 1);
    expect([takeFresh(one), takeFresh(one)]).toEqual([true, false]);
    harness.clock.advance(1);
    expect(takeFresh(other)).toBe(false);
  });

  it('know whether a change was written', async () => {
    expect(await ifUnchanged(Promise.resolve())).toBe(true);
    expect(await ifUnchanged(Promise.reject(new RequestChangedError('Too late.')))).toBe(false);
    await expect(ifUnchanged(Promise.reject(new Error('odd')))).rejects.toThrow('odd');
  });
});

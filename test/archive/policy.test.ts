import { type Actor, createPolicy, type Home, type Rules } from '../../src/archive/policy';

const HOME: Home = { team: 'T1', enterprise: null };

const directory = (answers: Record<string, readonly string[]>, home: Home | null = HOME) => ({
  home: async () => {
    if (home === null) throw new Error('no answer');
    return home;
  },
  groupMembers: async (id: string) => {
    const answer = answers[id];
    if (answer === undefined) throw new Error('no such group');
    return answer;
  },
  recentGroupMembers: async (id: string) => answers[`recent ${id}`] ?? [],
});

const NOBODY: Rules = { everyone: false, people: [], groups: [], channels: [] };
const ask = (rules: Partial<Rules>, groups = {}, actor: Partial<Actor> = {}, home: Home | null = HOME) =>
  createPolicy(
    { ...NOBODY, ...rules },
    directory(groups, home),
  )({ user: 'U1', channel: 'C1', team: 'T1', ...actor });

describe('who may archive', () => {
  it('nobody, unless the rules name somebody', async () => {
    expect(await ask({})).toBe('access_not_set');
  });

  it.each([[{ everyone: true }], [{ people: ['U1'] }], [{ people: ['U9', 'U1'], groups: ['S1'] }]])(
    '%j allows U1',
    async (rules) => {
      expect(await ask(rules)).toBeNull();
    },
  );

  it('members of an allowed group', async () => {
    expect(await ask({ groups: ['S1'] }, { S1: ['U1'] })).toBeNull();
    expect(await ask({ groups: ['S1'] }, { S1: ['U2'] })).toBe('not_allowed');
  });

  it('nobody when the look-up fails, unless another group has the person', async () => {
    expect(await ask({ groups: ['S1'] })).toBe('access_unknown');
    expect(await ask({ groups: ['S1', 'S2'] }, { S2: ['U1'] })).toBeNull();
  });

  it('is not known while any group that could have the person cannot be looked up', async () => {
    expect(await ask({ groups: ['S1', 'S2'] }, { S1: ['U2'] })).toBe('access_unknown');
    expect(await ask({ groups: ['S1', 'S2'] }, { S1: ['U2'], S2: ['U3'] })).toBe('not_allowed');
  });

  it('only in the channels of the rules, if there are any', async () => {
    expect(await ask({ everyone: true, channels: ['C2'] })).toBe('channel_not_allowed');
    expect(await ask({ everyone: true, channels: ['C1'] })).toBeNull();
  });

  it('somewhere: the channel does not count', async () => {
    const rules = { ...NOBODY, people: ['U1'], channels: ['C2'] };
    const policy = createPolicy(rules, directory({}));
    const actor = { user: 'U1', channel: 'C1', team: 'T1' };
    expect(await policy(actor, 'here')).toBe('channel_not_allowed');
    expect(await policy(actor, 'anywhere')).toBeNull();
    expect(await policy({ ...actor, user: 'U2' }, 'anywhere')).toBe('not_allowed');
  });

  it('for what is shown, of members a minute ago; for what is done, of those now', async () => {
    const rules = { ...NOBODY, groups: ['S1'] };
    const policy = createPolicy(rules, directory({ S1: [], 'recent S1': ['U1'] }));
    const actor = { user: 'U1', channel: 'C1', team: 'T1' };
    expect([await policy(actor, 'anywhere'), await policy(actor)]).toEqual([null, 'not_allowed']);
  });

  it('is known without Slack where only people are named', async () => {
    expect(await ask({ people: ['U2'] }, {}, {}, null)).toBe('not_allowed');
    expect(await ask({ people: ['U2'] }, {}, { team: 'T2' })).toBe('not_allowed');
  });

  const GRID: Home = { team: 'T1', enterprise: 'E1' };

  it.each<[what: string, Partial<Actor>, Home, allowed: boolean]>([
    ['of the app’s workspace', {}, HOME, true],
    ['of the app’s workspace, in an organization', {}, GRID, true],
    ['of another workspace of the organization', { team: 'T2', enterprise: 'E1' }, GRID, true],
    ['whose team is the organization itself', { team: 'E1' }, GRID, true],
    ['of another company', { team: 'T2' }, HOME, false],
    ['of another company, next to an organization', { team: 'T2' }, GRID, false],
    ['of another organization', { team: 'T2', enterprise: 'E2' }, GRID, false],
    ['of an organization, next to an app without one', { team: 'T2', enterprise: 'E2' }, HOME, false],
    ['whose workspace is not known', { team: '' }, GRID, false],
  ])('`*` and groups mean people of this workspace: somebody %s', async (_what, actor, home, allowed) => {
    const expected = allowed ? null : 'other_workspace';
    expect(await ask({ everyone: true }, {}, actor, home)).toBe(expected);
    expect(await ask({ groups: ['S1'] }, { S1: ['U1'] }, actor, home)).toBe(expected);
    expect(await ask({ everyone: true, people: ['U1'] }, {}, actor, home)).toBeNull();
  });

  it('nobody but the people named by ID while it is not known whose workspace this is', async () => {
    expect(await ask({ everyone: true }, {}, {}, null)).toBe('access_unknown');
    expect(await ask({ people: ['U1'] }, {}, {}, null)).toBeNull();
  });
});

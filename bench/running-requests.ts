import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { TolokaAccount } from '../fakes/toloka';
import type { Plan } from '../src/archive/plan';
import type { Journal } from '../src/archive/ports-journal';
import type { Location } from '../src/archive/request';
import { openJournal } from '../src/journal/store';
import { CHANNEL, PROJECT } from './fakes';

const DAY = 24 * 3_600_000;
const REQUESTER = 'U001BENCH';

export interface Operation {
  trainingId: string;
  operationId: string;
  /** Epoch milliseconds. */
  submittedAt: number;
}

/** A directory in memory where the machine has one, so that preparations don't wait for a disk. */
export const memoryDirectory = (): string =>
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'archive-bench-'));

/** Starts an archive in the account, as the app would. */
export async function startOperation(
  account: TolokaAccount,
  token: string,
  operationMs: number,
): Promise<Operation> {
  const { id } = account.addTraining({ project_id: PROJECT, status: 'CLOSED', operationMs });
  const submittedAt = Math.round(account.now());
  const answer = await request(`${account.url}/v1/trainings/${id}/archive`, {
    method: 'POST',
    headers: { authorization: `OAuth ${token}` },
  });
  const body = (await answer.body.json()) as { id: string };
  return { trainingId: id, operationId: body.id, submittedAt };
}

/** Writes a request that Toloka has accepted and whose card shows it. Returns its ID. */
export async function writeRunning(
  journal: Journal,
  { trainingId, operationId, submittedAt: at }: Operation,
  card: Location,
): Promise<string> {
  const id = `request-${trainingId}`;
  const lease = { token: `lease-${trainingId}`, until: at + 60_000 };
  const fence = (version: number) => ({ id, version, at, actor: 'app' });
  await journal.create({
    ...{ id, team: 'T0BENCH', environment: 'production', trainingId, requester: REQUESTER },
    ...{ channel: CHANNEL, createdAt: at, plan: readyPlan(trainingId, at), retryOf: null },
  });
  await journal.advance({ ...fence(1), take: lease }, { kind: 'confirmed', reason: 'no longer used' });
  await journal.advance({ ...fence(2), lease }, { kind: 'submitting', card });
  await journal.advance(
    { ...fence(3), lease },
    { kind: 'accepted', operationId, progress: 0, stepAt: at + DAY },
  );
  const shown = { publishAt: null, publishTries: 0, threadSeq: 4 };
  await journal.note(id, lease, at, shown, { release: true });
  return id;
}

/** The plan of a closed training without linked pools. */
export const readyPlan = (trainingId: string, at: number): Plan => ({
  ...{ environment: 'production', trainingId, projectName: 'Read the street sign', pools: [], blockers: [] },
  ...{ projectLinksTraining: false, unread: [], fingerprint: '0123456789abcdef', readAt: at },
  training: {
    ...{ id: trainingId, projectId: PROJECT, name: 'Street signs, training', status: 'CLOSED' },
    ...{ lastCloseReason: 'MANUAL', created: at, url: `https://platform.toloka.ai/${trainingId}` },
  },
});

/** Makes a journal file in which these requests are running. */
export async function writeJournal(
  path: string,
  operations: readonly Operation[],
  card: Location,
): Promise<void> {
  const directory = memoryDirectory();
  const prepared = join(directory, 'journal.db');
  const journal = await openJournal({ path: prepared });
  for (const operation of operations) await writeRunning(journal, operation, card);
  await journal.close();
  copyFileSync(prepared, path);
  rmSync(directory, { recursive: true });
}

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { TolokaAccount } from '../demo/toloka';
import type { Journal } from '../src/archive/journal-port';
import type { CardAddress } from '../src/archive/request';
import { openJournal } from '../src/journal/open-journal';
import { CHANNEL, PROJECT } from './stage';

const DAY = 24 * 3_600_000;

export interface Operation {
  trainingId: string;
  operationId: string;
  /** Epoch milliseconds. */
  submittedAt: number;
}

/** A directory in memory where there is one: what is only prepared need not wait for a disk. */
export const memoryDirectory = (): string =>
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'archive-bench-'));

/** Starts an archive in the account, as the app would. */
export async function startOperation(
  account: TolokaAccount,
  token: string,
  operationMs: number,
): Promise<Operation> {
  const { id } = account.addTraining({ project_id: PROJECT, status: 'CLOSED', operationMs });
  const submittedAt = account.now();
  const answer = await request(`${account.url}/v1/trainings/${id}/archive`, {
    method: 'POST',
    headers: { authorization: `OAuth ${token}` },
  });
  const body = (await answer.body.json()) as { id: string };
  return { trainingId: id, operationId: body.id, submittedAt };
}

/** Writes a request as it stands when Toloka has accepted it and its card says so. */
export async function writeRunning(
  journal: Journal,
  { trainingId, operationId, submittedAt: at }: Operation,
  card: CardAddress,
): Promise<string> {
  const id = `request-${trainingId}`;
  const lease = { token: `lease-${trainingId}`, until: at + 60_000 };
  const act = (kind: 'confirmed' | 'submitting' | 'accepted') => ({ kind, at, actor: 'app' }) as const;
  const asked = { kind: 'asked', at, actor: 'U001BENCH' } as const;
  const plan = planOf(trainingId, at);
  const created = { id, environment: 'production', trainingId, plan, retryOf: null, createdAt: at };
  await journal.create({ ...created, requester: 'U001BENCH', channel: CHANNEL }, asked);
  await journal.advance({
    ...{ id, version: 1, to: 'confirmed', event: act('confirmed'), take: lease },
    patch: { reason: 'no longer used', confirmedAt: at, card },
  });
  await journal.advance({
    ...{ id, version: 2, to: 'submitting', event: act('submitting'), lease },
    patch: { submittedAt: at },
  });
  await journal.advance({
    ...{ id, version: 3, to: 'running', event: act('accepted'), lease },
    patch: { operationId, progress: 0, stepAt: at + DAY, publishAt: null, threadSeq: 4 },
  });
  await journal.release(id, lease);
  return id;
}

const planOf = (trainingId: string, at: number) => ({
  ...{ environment: 'production', trainingId, projectName: 'Read the street sign', pools: [], blockers: [] },
  ...{ projectLinksTraining: false, unavailable: null, fingerprint: '0123456789abcdef', readAt: at },
  training: {
    ...{ id: trainingId, projectId: PROJECT, name: 'Street signs, training', status: 'CLOSED' },
    ...{ lastCloseReason: 'MANUAL', created: at, url: `https://platform.toloka.ai/${trainingId}` },
  },
});

/** A journal file with these requests running in it. */
export async function writeJournal(
  path: string,
  operations: readonly Operation[],
  card: CardAddress,
): Promise<void> {
  const directory = memoryDirectory();
  const prepared = join(directory, 'journal.db');
  const journal = await openJournal({ path: prepared });
  for (const operation of operations) await writeRunning(journal, operation, card);
  await journal.close();
  copyFileSync(prepared, path);
  rmSync(directory, { recursive: true });
}

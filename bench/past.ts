import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { type OpenJournal, openJournal } from '../src/journal/store';
import { CHANNEL } from './fakes';
import { compared, type Part } from './row';
import { memoryDirectory, writeRunning } from './running-requests';
import { compareMedians, interleave } from './stats';

const NOW = Date.UTC(2026, 0, 1);
const AIM = 1.5;

/** Makes a journal with one running request and the given number of ended ones. */
async function journalWithPast(path: string, ended: number): Promise<OpenJournal> {
  const journal = await openJournal({ path });
  const operation = { trainingId: '1', operationId: 'operation-1', submittedAt: NOW };
  await writeRunning(journal, operation, { channel: CHANNEL, ts: '1.000001' });
  const database = new Libsql(path);
  const changed: Record<string, string> = {
    id: `id || '-' || n`,
    training_id: `training_id || '-' || n`,
    operation_id: `operation_id || '-' || n`,
    state: `'succeeded'`,
    due_at: 'null',
  };
  const columns = (database.prepare('pragma table_info(requests)').all() as { name: string }[]).map(
    ({ name }) => name,
  );
  database.exec(`
    with recursive past(n) as (select 1 union all select n + 1 from past where n < ${ended})
    insert into requests (${columns.join()})
    select ${columns.map((name) => changed[name] ?? name).join()} from requests, past where ${ended} > 0`);
  database.close();
  return journal;
}

/** Measures what the worker asks of the journal four times a second while nothing is due. */
async function ticks(journal: OpenJournal, times: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    const began = performance.now();
    await journal.claim({ now: NOW, until: NOW + 1, limit: 10 });
    await journal.countRunning('production');
    took.push(performance.now() - began);
  }
  return took;
}

export const past: Part = {
  title: 'An idle tick, after 50,000 archives',
  how: 'What the worker asks of a SQLite journal at each tick (`claim`, `countRunning`), with one running request and 50,000 ended ones, compared with the same journal without the ended ones. Both are in memory, so that no disk is measured.',
  async run({ quick }) {
    const directory = memoryDirectory();
    try {
      const long = await journalWithPast(join(directory, 'long.db'), quick ? 500 : 50_000);
      const none = await journalWithPast(join(directory, 'none.db'), 0);
      const times = quick ? 5 : 200;
      await ticks(long, times);
      await ticks(none, times);
      const rounds = await interleave(
        quick ? 1 : 7,
        () => ticks(long, times),
        () => ticks(none, times),
      );
      await long.close();
      await none.close();
      return { rows: [compared('an idle tick, median', 'ms', compareMedians(rounds), AIM)], notes: [] };
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};

import { join } from 'node:path';
import { openJournal } from '../src/journal/open-journal';
import { postgresPrograms, startPostgres } from '../test/journal/postgres-server';
import type { Order, Who } from './confirm-child';
import { type Setting, settings } from './journal-places';
import { type Running, startNode } from './processes';
import { prepareRaw } from './raw-journal';
import { compared, type Part, type PartOptions, type Row } from './row';
import { compareMedians, interleave } from './stats';

const CHILD = join(__dirname, 'confirm-child.ts');

async function startChildren(who: Who, { place, replicas }: Setting): Promise<Running[]> {
  const children = Array.from({ length: replicas }, () =>
    startNode(['--require', 'tsx/cjs', CHILD, who, JSON.stringify(place)], {}),
  );
  await Promise.all(children.map((child) => child.said('child ready')));
  return children;
}

/** All children at once; returns the ms that each confirmed request took of the whole time. */
async function confirmAll(children: readonly Running[], order: Order): Promise<number[]> {
  const began = performance.now();
  await Promise.all(
    children.map((child) => {
      const done = child.next('child done');
      child.child.stdin?.write(`${JSON.stringify(order)}\n`);
      return done;
    }),
  );
  return [(performance.now() - began) / (order.count * children.length)];
}

async function measure(setting: Setting, { quick }: PartOptions): Promise<Row[]> {
  await (await openJournal(setting.place)).close();
  await prepareRaw(setting.place);
  const ours = await startChildren('ours', setting);
  const theirs = await startChildren('theirs', setting);
  try {
    const rows: Row[] = [];
    for (const atOnce of setting.replicas === 1 ? [1, 50] : [50]) {
      const order = { count: quick ? 50 : 300, atOnce };
      const contest = (children: Running[]) => () => confirmAll(children, order);
      // Statements get prepared, connections opened, the compiler warm.
      await interleave(2, contest(ours), contest(theirs));
      const rounds = await interleave(quick ? 2 : 11, contest(ours), contest(theirs));
      const what = `one confirmed request, ${setting.name}, ${atOnce} at a time`;
      rows.push(compared(what, 'ms', compareMedians(rounds)));
    }
    return rows;
  } finally {
    await Promise.all([...ours, ...theirs].map((child) => child.kill()));
  }
}

export const journal: Part = {
  title: 'Confirmed requests in the journal',
  how: 'Each request is made durable twice, as planned and as confirmed, through `openJournal`, in one process or in several at once; against the least that could be written for it with the bare driver (libsql, pg): the same two transactions, each with a row and an event, no read, no check, no chain of hashes. SQLite with an fsync for each commit, PostgreSQL with `synchronous_commit`, both on the disk of temporary files. A figure without an aim: it says what checks, fences and the chain cost.',
  async run(options) {
    const rows: Row[] = [];
    const notes: string[] = [];
    const programs = postgresPrograms();
    const server = programs === undefined ? undefined : await startPostgres(programs);
    try {
      for (const setting of await settings(server)) {
        const measured = await measure(setting, options).finally(setting.remove);
        rows.push(...measured);
        for (const { what, ours, theirs } of measured)
          notes.push(
            `${what}: ${Math.round(1000 / ours)}/s against ${Math.round(1000 / (theirs ?? ours))}/s.`,
          );
      }
    } finally {
      await server?.remove();
    }
    if (server === undefined) notes.push('PostgreSQL was not measured: there is none on this machine.');
    return { rows, notes };
  },
};

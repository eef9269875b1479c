import { join } from 'node:path';
import { openJournal } from '../src/journal/store';
import { postgresPrograms, startPostgres } from '../test/journal/postgres-server';
import type { Order, Side } from './confirm-child';
import { type JournalLocation, journalLocations } from './journal-locations';
import { type Running, startNode } from './processes';
import { prepareRaw } from './raw-journal';
import { compared, type Part, type PartOptions, type Row } from './row';
import { compareMedians, interleave } from './stats';

const CHILD = join(__dirname, 'confirm-child.ts');

async function startChildren(side: Side, { where, replicas }: JournalLocation): Promise<Running[]> {
  const children = Array.from({ length: replicas }, () =>
    startNode(['--require', 'tsx/cjs', CHILD, side, JSON.stringify(where)], {}),
  );
  await Promise.all(children.map((child) => child.said('child ready')));
  return children;
}

/** Runs all children at once. Returns the whole time divided by the number of confirmed requests, in ms. */
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

async function measure(location: JournalLocation, { quick }: PartOptions): Promise<Row[]> {
  await (await openJournal(location.where)).close();
  await prepareRaw(location.where);
  const ours = await startChildren('ours', location);
  const theirs = await startChildren('theirs', location);
  try {
    const rows: Row[] = [];
    for (const atOnce of location.replicas === 1 ? [1, 50] : [50]) {
      const order = { count: quick ? 50 : 300, atOnce };
      const contest = (children: Running[]) => () => confirmAll(children, order);
      // Prepares statements, opens connections and warms up the compiler.
      await interleave(2, contest(ours), contest(theirs));
      const rounds = await interleave(quick ? 2 : 11, contest(ours), contest(theirs));
      const what = `one confirmed request, ${location.name}, ${atOnce} at a time`;
      rows.push(compared(what, 'ms', compareMedians(rounds)));
    }
    return rows;
  } finally {
    await Promise.all([...ours, ...theirs].map((child) => child.kill()));
  }
}

export const journal: Part = {
  title: 'Confirmed requests in the journal',
  how: 'Each request is written twice, as planned and as confirmed, through `openJournal`, in one process or in several at once. The peer is the least that could be written with the bare driver (libsql, pg): the same two transactions, each with a row and an event, without reads, checks and hash chain. SQLite does an fsync for each commit, PostgreSQL uses `synchronous_commit`, both on the disk of temporary files. There is no aim: the ratio shows what checks, fences and the chain cost.',
  async run(options) {
    const rows: Row[] = [];
    const notes: string[] = [];
    const programs = postgresPrograms();
    const server = programs === undefined ? undefined : await startPostgres(programs);
    try {
      for (const location of await journalLocations(server)) {
        const measured = await measure(location, options).finally(location.remove);
        rows.push(...measured);
        for (const { what, ours, theirs } of measured)
          notes.push(
            `${what}: ${Math.round(1000 / ours)}/s against ${Math.round(1000 / (theirs ?? ours))}/s.`,
          );
      }
    } finally {
      await server?.remove();
    }
    if (server === undefined)
      notes.push('PostgreSQL was not measured, since it is not installed on this machine.');
    return { rows, notes };
  },
};

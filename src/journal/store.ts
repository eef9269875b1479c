import { sql, type Transaction } from 'kysely';
import { LeaseLostError, OpenRequestExistsError, RequestChangedError } from '../archive/errors';
import type { Fence, Journal } from '../archive/ports-journal';
import { type ArchiveRequest, deliverySchema, isFollower, type Lease } from '../archive/request';
import { BATCH_EVERY_MS } from '../archive/timing';
import { askedEvent, type Change, PUBLISHED, transition } from '../archive/transitions';
import { chained } from './chain';
import { type Connected, type ConnectOptions, clockProblem, connect } from './connect';
import { JournalError } from './errors';
import { type OpenChains, verifyOpenChains } from './open-chains';
import { ensureNotPaused, journalPauses } from './pauses';
import { journalLeases, journalReads } from './queries';
import { changingColumns, newRow, requestFromRow, rowFromDenial, rowFromEvent, storable } from './rows';
import type { JournalDialect, RequestRow, Tables } from './schema';
import { journalWatches } from './watches';
import { journalWorkload } from './workload';

export interface OpenJournal extends Journal {
  /**
   * What keeps the app from writing now, in words for an operator: no database, no answer from it, a full disk, a server
   * that only reads, the clock. Null when nothing does. Tries a small write, at most one a second.
   */
  problem(): Promise<string | null>;
  /** Checks the chain of each open request. */
  verifyOpen(): Promise<OpenChains>;
  /** Waits for the calls that are running, then closes. */
  close(): Promise<void>;
}

/**
 * Opens the journal, and makes one where there is none. Several processes may have the same one open. What a method has
 * answered is on the disk: it survives `kill -9` and a power cut.
 * @throws JournalError (any kind but those of an export); every method may throw `unavailable`, `busy`, `unreadable`
 */
export async function openJournal(options: ConnectOptions): Promise<OpenJournal> {
  const connected = await connect(options);
  const checkWritable = writeCheck(connected);
  const methods = {
    ...journalReads(connected, options.logger),
    ...journalWorkload(connected),
    ...journalWrites(connected),
    ...journalPauses(connected),
    ...journalLeases(connected, options.logger),
    ...journalWatches(connected),
    problem: async () => {
      try {
        await sql`select 1`.execute(connected.db);
        await checkWritable();
        return await clockProblem(connected, options.now);
      } catch (error) {
        if (error instanceof JournalError) return error.message;
        throw error;
      }
    },
    verifyOpen: () => verifyOpenChains(connected.db),
  };
  return closingLast(methods, () => connected.db.destroy());
}

/** How long a write that was made is taken for a sign that others can be made, in ms. */
const WRITABLE_FOR_MS = 1_000;

/** A check that a write can be made. It leaves everything as it was. Many checks at once share one write. */
function writeCheck({ db }: Connected): () => Promise<void> {
  let goodUntil = 0;
  let running: Promise<void> | undefined;
  async function write(): Promise<void> {
    await db.transaction().execute(async (trx) => {
      // There and back, because SQLite doesn't write a row that stays the same.
      for (const step of [1, -1]) {
        const changed = trx
          .updateTable('schema_version')
          .set(({ eb }) => ({ version: eb('version', '+', step) }));
        await changed.execute();
      }
    });
    goodUntil = performance.now() + WRITABLE_FOR_MS;
  }
  return async () => {
    if (performance.now() < goodUntil) return;
    running ??= write().finally(() => {
      running = undefined;
    });
    await running;
  };
}

/** The methods that write what happened. @see Journal */
function journalWrites({ db, dialect }: Connected): Pick<Journal, 'create' | 'advance' | 'note' | 'deny'> {
  return {
    create: (given) =>
      db.transaction().execute(async (trx) => {
        const request = storable(given);
        const row = newRow(request);
        const first = chained(rowFromEvent(askedEvent(request)), row, null);
        const created = { ...row, head: first.hash };
        await trx.insertInto('requests').values(created).execute();
        await trx.insertInto('events').values(first).execute();
        return requestFromRow(created);
      }),

    advance: (fence, change) =>
      db.transaction().execute(async (trx) => {
        const row = await readToWrite(trx, dialect, fence.id);
        if (row?.version !== fence.version) throw new RequestChangedError(changedMessage(fence, change, row));
        const before = requestFromRow(row);
        if (before.publishTries !== (fence.publishTries ?? before.publishTries))
          throw new RequestChangedError(changedMessage(fence, change, row));
        if (change.kind === 'submitting') await ensureNotPaused(trx);
        const moved = transition(before, storable(change), fence.at, storable(fence.actor));
        const passed = await passOn(trx, moved.request, fence.at);
        const columns = changingColumns({ ...passed, lease: leaseAfter(before, fence) }, row);
        const next = chained(rowFromEvent(moved.event), { ...row, ...columns }, row.head);
        const saved = await save(trx, dialect, row, { ...columns, head: next.hash });
        await trx.insertInto('events').values(next).execute();
        return saved;
      }),

    note: (id, lease, now, delivery, { release = false, version } = {}) =>
      db.transaction().execute(async (trx) => {
        const row = await readToWrite(trx, dialect, id);
        const before = row && requestFromRow(row);
        if (!row || !before || !isHeld(before, lease, now)) throw leaseLost(id);
        // Only an event may change the facts, so neither they nor their text are touched.
        const due = version === undefined || version === row.version ? {} : dueOf(before);
        const noted = deliverySchema.parse({ ...before, ...storable(delivery), ...due });
        const passed = await passOn(trx, { ...before, ...noted }, now);
        // What changed since it was read is not on the card yet.
        const touch_due = row.touched === noted.shown ? null : row.touch_due;
        const left = release ? null : before.lease;
        const columns = changingColumns({ ...passed, lease: left }, { ...row, touch_due });
        return save(trx, dialect, row, { ...columns, facts: row.facts, head: row.head });
      }),

    deny: (denial) =>
      db.transaction().execute(async (trx) => {
        await trx
          .insertInto('denials')
          .values(rowFromDenial(storable(denial)))
          .execute();
      }),
  };
}

/** What says when a request is worked on next. */
const dueOf = ({ stepAt, stepTries, publishAt, publishTries }: ArchiveRequest) => ({
  ...{ stepAt, stepTries, publishAt, publishTries },
});

type Trx = Transaction<Tables>;

function readToWrite(trx: Trx, dialect: JournalDialect, id: string): Promise<RequestRow | undefined> {
  const query = trx.selectFrom('requests').selectAll().where('id', '=', id);
  return dialect.lockRows(query, 'wait').executeTakeFirst();
}

/**
 * The card of a batch is that of its first request. What the others would publish is passed on to that one, a little later,
 * so that changes of many come together.
 */
async function passOn<R extends Omit<ArchiveRequest, 'receipt'>>(
  trx: Trx,
  request: R,
  now: number,
): Promise<R> {
  const { batch, publishAt } = request;
  if (batch === null || !isFollower(request) || publishAt === null) return request;
  const at = Math.max(publishAt, now + BATCH_EVERY_MS);
  const earlier = (column: 'touch_due' | 'due_at') =>
    sql<number>`case when ${sql.ref(column)} < ${at} then ${sql.ref(column)} else ${at} end`;
  await trx
    .updateTable('requests')
    .set(({ eb }) => ({
      touched: eb('touched', '+', 1),
      touch_due: earlier('touch_due'),
      due_at: earlier('due_at'),
    }))
    .where('id', '=', batch)
    .execute();
  return { ...request, ...PUBLISHED };
}

/**
 * Writes every column that can change, so that there is one statement to keep prepared rather than one per kind of change.
 * SQLite writes the indexes of every column that it is given.
 */
async function save(
  trx: Trx,
  dialect: JournalDialect,
  row: RequestRow,
  columns: ReturnType<typeof changingColumns> & Pick<RequestRow, 'head'>,
): Promise<ArchiveRequest> {
  try {
    await trx.updateTable('requests').set(columns).where('id', '=', row.id).execute();
    return requestFromRow({ ...row, ...columns });
  } catch (error) {
    if (!dialect.isUniqueViolation(error)) throw error;
    throw new OpenRequestExistsError(
      `Training ${row.training_id} has another open request in ${row.environment}. Wait until that one has ended.`,
      { cause: error },
    );
  }
}

const isHeld = ({ lease: held }: ArchiveRequest, { token }: Lease, now: number): boolean =>
  held?.token === token && held.until > now;

const leaseLost = (id: string) =>
  new LeaseLostError(
    `The lease on request ${id} ran out or was taken by another worker. Claim it and read it again; nothing was written.`,
  );

/** The lease that a change leaves. @throws LeaseLostError */
function leaseAfter(request: ArchiveRequest, { id, at, lease, take, release }: Fence): Lease | null {
  if (lease && !isHeld(request, lease, at)) throw leaseLost(id);
  const held = request.lease;
  if (take && held && held.until > at && held.token !== lease?.token) {
    throw new LeaseLostError(
      `Another worker holds request ${id} until ${held.until}. Leave it to that worker; nothing was written.`,
    );
  }
  return release ? null : (take ?? held);
}

function changedMessage({ id, version }: Fence, { kind }: Change, row: RequestRow | undefined): string {
  const is = row ? `is ${row.state} at version ${row.version}` : 'is not in the journal';
  return `Request ${id} ${is}; "${kind}" was for version ${version}. Read it again first; nothing was written.`;
}

/** Kysely closes while calls still run or wait for a connection, so closing waits for those. */
function closingLast(methods: Omit<OpenJournal, 'close'>, destroy: () => Promise<void>): OpenJournal {
  const running = new Set<Promise<unknown>>();
  const counted = Object.entries(methods).map(([name, method]) => [
    name,
    (...given: never[]) => {
      const answer = (method as (...given: never[]) => Promise<unknown>)(...given);
      const ended: Promise<unknown> = answer.catch(() => {}).finally(() => running.delete(ended));
      running.add(ended);
      return answer;
    },
  ]);
  const close = async () => {
    while (running.size > 0) await Promise.all(running);
    await destroy();
  };
  return { ...Object.fromEntries(counted), close };
}

import { inspect } from 'node:util';
import { Kysely, sql } from 'kysely';
import { Client } from 'pg';
import { openAudit } from '../../src/journal/audit';
import { inspectJournal } from '../../src/journal/inspection';
import { postgresDialect } from '../../src/journal/postgres';
import type { Tables } from '../../src/journal/schema';
import { openJournal } from '../../src/journal/store';
import { advance, confirmed, NOON, planned } from './builders';
import { describePostgres, executeAt, ownServer, postgresPlace } from './postgres-place';
import { PASSWORD } from './postgres-server';

const quiet = () => {};

/** Everything that anybody could log of it. */
const allOf = (error: unknown) => inspect(error, { depth: 9, showHidden: true });

function expectNoPassword(text: string): void {
  expect(text).not.toContain(PASSWORD);
  expect(text).not.toContain(encodeURIComponent(PASSWORD));
}

async function failure(act: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await act.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeDefined();
  expectNoPassword(allOf(error));
  return error;
}

describePostgres('a journal on PostgreSQL', (server) => {
  let place: Awaited<ReturnType<typeof postgresPlace>>;
  beforeEach(async () => {
    place = await postgresPlace(server());
  });
  afterEach(() => place.remove());

  const at = (change: (url: URL) => void) => {
    const url = new URL(place.url);
    change(url);
    return openJournal({ path: '', databaseUrl: url.href, timeoutMs: 5_000 });
  };

  it('keeps its settings, whatever the server’s defaults are', async () => {
    const url = new URL(place.url);
    const defaults = ['synchronous_commit=off', 'default_transaction_isolation=serializable'];
    const options = `${url.searchParams.get('options')} ${defaults.map((one) => `-c ${one}`).join(' ')}`;
    url.searchParams.set('options', options);
    const { kysely } = postgresDialect({ url: url.href, timeoutMs: 1_234, readOnly: false, warn: quiet });
    const db = new Kysely<Tables>({ dialect: kysely });
    const read = async (name: string) => {
      const { rows } = await sql<Record<string, string>>`${sql.raw(`show ${name}`)}`.execute(db);
      return Object.values(rows[0] ?? {})[0];
    };
    expect(await read('synchronous_commit')).toBe('on');
    expect(await read('transaction_isolation')).toBe('read committed');
    expect(await read('statement_timeout')).toBe('1234ms');
    expect(await read('lock_timeout')).toBe('1111ms');
    expect(await read('idle_in_transaction_session_timeout')).toBe('1234ms');
    expect(await read('application_name')).toBe('toloka-archive');
    await db.destroy();
  });

  it('refuses to work with a clock that is far from the server’s, and finds one that drifts later', async () => {
    let ahead = 0;
    let [turn, tookMs] = [0, 0];
    const now = () => Date.now() + ahead + (turn++ % 2) * tookMs;
    const open = () => openJournal({ path: '', databaseUrl: place.url, now });
    const journal = await open();
    expect(await journal.problem()).toBeNull();
    for (const [ms, words] of [
      [60_000, /60\.0 s ahead of|59\.\d s ahead of/],
      [-3_600_000, /3600\.\d s behind/],
    ] as const) {
      ahead = ms;
      expect(await journal.problem()).toMatch(words);
      expect(await failure(open())).toMatchObject({
        code: 'journal_clock',
        message: expect.stringMatching(/NTP/),
      });
    }
    ahead = 4_000;
    expect(await journal.problem()).toBeNull();
    // An answer that takes long proves less.
    [ahead, tookMs] = [0, 20_000];
    expect(await journal.problem()).toBeNull();
    [ahead, tookMs] = [7_000, 4_000];
    expect(await journal.problem()).toMatch(/(7\.0|6\.\d) s ahead of/);
    await journal.close();
  });

  it('refuses what cannot be one, with advice how to fix it and without the password', async () => {
    const cases: [(url: URL) => void, RegExp][] = [
      [(url) => (url.port = '1'), /ECONNREFUSED.*Check that the server runs/],
      [(url) => (url.hostname = 'no.such.host.invalid'), /ENOTFOUND|EAI_AGAIN/],
      [(url) => (url.pathname = '/nowhere'), /3D000: database "nowhere" does not exist/],
      [(url) => url.searchParams.set('sslmode', 'verify-full'), /does not support SSL.*sslmode/],
      [(url) => url.searchParams.set('options', '-c search_path=nowhere'), /3F000.*schema/],
    ];
    for (const [change, words] of cases) {
      const error = await failure(at(change));
      expect(error).toMatchObject({ code: 'journal_unavailable', message: expect.stringMatching(words) });
    }
    if (!ownServer) return;
    const wrong = await failure(at((url) => (url.password = `${encodeURIComponent(PASSWORD)}x`)));
    expect(wrong.message).toMatch(/28P01.*DATABASE_URL has the right .* password/);
    const none = await failure(at((url) => (url.password = '')));
    expect(none).toMatchObject({ code: 'journal_unavailable', message: expect.stringContaining('password') });
  });

  it('refuses an address that is none, without quoting it', async () => {
    for (const databaseUrl of [`postgresql://me:${PASSWORD}@host:port/x`, `postgresql://me:${PASSWORD}`]) {
      const error = await failure(openJournal({ path: '', databaseUrl, timeoutMs: 2_000 }));
      expect(error).toMatchObject({ code: 'journal_unavailable' });
    }
  });

  it('refuses a user without rights, another program’s tables, another encoding', async () => {
    const unnamed = `r${place.url.slice(-12)}`;
    await place.execute(`create role ${unnamed} login password '${PASSWORD}'`);
    try {
      const error = await failure(at((url) => (url.username = unnamed)));
      expect(error).toMatchObject({
        code: 'journal_unavailable',
        message: expect.stringMatching(/CREATE|schema/),
      });
    } finally {
      await place.execute(`drop role ${unnamed}`);
    }
    await place.execute('create table requests (mine text)');
    const other = await failure(place.open());
    expect(other).toMatchObject({
      code: 'journal_unreadable',
      message: expect.stringMatching(/could not be made, so it is probably not a journal of this app/),
    });

    const latin = `latin_${unnamed}`;
    await executeAt(
      server().url,
      `create database ${latin} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
    );
    try {
      const url = new URL(place.url);
      url.pathname = `/${latin}`;
      url.searchParams.delete('options');
      const there = { path: '', databaseUrl: url.href };
      expect(await failure(openJournal(there))).toMatchObject({
        code: 'journal_unavailable',
        message: expect.stringContaining('LATIN1'),
      });
      expect((await inspectJournal(there)).unwritable).toMatch(/LATIN1, and must be UTF8/);
    } finally {
      await executeAt(server().url, `drop database ${latin}`);
    }
  });

  it('says that another process keeps a row locked, and loses nothing', async () => {
    const journal = await openJournal({ path: '', databaseUrl: place.url, timeoutMs: 200 });
    const request = await confirmed(journal, 'a');
    const other = new Client({ connectionString: place.url });
    await other.connect();
    await other.query('begin; select * from requests for update');
    // Work that somebody else writes at this moment is passed over; a move of it waits.
    expect(await journal.claim({ now: NOON, until: NOON + 1, limit: 1 })).toEqual([]);
    const error = await failure(advance(journal, request, 'submitting'));
    expect(error).toMatchObject({
      code: 'journal_busy',
      message: expect.stringContaining('pg_stat_activity'),
    });
    await other.end();
    await expect(advance(journal, request, 'submitting')).resolves.toMatchObject({ state: 'submitting' });
    await journal.close();
  });

  it('outlives the loss of every connection, idle or in the middle of a transaction', async () => {
    const said: string[] = [];
    const logger = { info: quiet, warn: (message: string) => said.push(message) };
    const journal = await openJournal({ path: '', databaseUrl: place.url, logger });
    const asked = Array.from({ length: 40 }, (_, i) => planned(journal, `r${i}`));
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity
                  where application_name = 'toloka-archive' and pid <> pg_backend_pid()`;
    await place.execute(kill);
    const answers = await Promise.allSettled(asked);
    for (const answer of answers) {
      if (answer.status === 'rejected') {
        expect(answer.reason).toMatchObject({ code: 'journal_unavailable' });
        expectNoPassword(allOf(answer.reason));
      }
    }
    await place.execute(kill);
    // Whichever of the idle ones the pool had not yet missed may fail once each; then all are new.
    for (let i = 0; i < 10; i++) await journal.get('r0').catch(quiet);
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') expect((await journal.get(`r${i}`))?.id).toBe(`r${i}`);
    }
    expect(said).toContainEqual(expect.stringMatching(/^A connection to .* was lost \((57P01|ended)\)/));
    expectNoPassword(said.join());
    await journal.close();
  });

  it('keeps a connection until it breaks, and takes nothing for written that was under way then', async () => {
    const { kysely } = postgresDialect({ url: place.url, timeoutMs: 5_000, readOnly: false, warn: quiet });
    const db = new Kysely<Tables>({ dialect: kysely });
    const pid = async () =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid;
    const first = await pid();
    expect(await pid()).toBe(first);
    const breaking = (meanwhile: (use: Promise<unknown>) => Promise<unknown>) =>
      db.transaction().execute(async (trx) => {
        await meanwhile(sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx));
      });
    // The reason is not hidden by a rollback that fails.
    const lost = await failure(breaking((use) => use));
    expect(lost).toMatchObject({ code: 'journal_unavailable', message: expect.stringContaining('57P01') });
    expect(await failure(breaking((use) => use.catch(quiet)))).toMatchObject({ code: 'journal_unavailable' });
    expect(await pid()).not.toBe(first);
    await db.destroy();
  });

  it('does not take every failure of a write for an open request of the same training', async () => {
    const journal = await place.open();
    const request = await planned(journal, 'a');
    await place.execute(`
      create function deny() returns trigger language plpgsql as
      $$ begin raise exception 'broken' using errcode = '22008'; end $$;
      create trigger deny before update on requests execute function deny()`);
    await expect(advance(journal, request, 'confirmed')).rejects.toThrow(/^broken$/);
  });

  (ownServer ? it : it.skip)(
    'goes on after the server was restarted',
    async () => {
      const journal = await openJournal({ path: '', databaseUrl: place.url });
      const request = await confirmed(journal, 'a');
      await server().stop();
      const down = await failure(journal.get('a'));
      expect(down).toMatchObject({ code: 'journal_unavailable' });
      expect(await journal.problem()).toMatch(/cannot be used/);
      await failure(advance(journal, request, 'submitting'));
      await server().start();
      await expect(advance(journal, request, 'submitting')).resolves.toMatchObject({ state: 'submitting' });
      await journal.close();
    },
    60_000,
  );

  (ownServer ? it : it.skip)(
    'keeps no connection to a standby, says so, and goes on after the promotion',
    async () => {
      const journal = await openJournal({ path: '', databaseUrl: place.url });
      const request = await confirmed(journal, 'a');
      await server().startAsStandby();
      const standby = { code: 'journal_unavailable', message: expect.stringMatching(/25006.*standby/) };
      for (let i = 0; i < 3; i++) {
        expect(await failure(journal.get('a'))).toMatchObject(standby);
        expect(await failure(advance(journal, request, 'submitting'))).toMatchObject(standby);
        expect(await journal.problem()).toMatch(/25006.*standby/);
      }
      const client = new Client({ connectionString: place.url });
      await client.connect();
      const { rows } = await client.query(
        `select pid from pg_stat_activity where application_name = 'toloka-archive'`,
      );
      expect(rows).toEqual([]);
      const audit = await openAudit({ path: '', databaseUrl: place.url });
      expect((await audit.record('a'))?.request?.state).toBe('confirmed');
      await audit.close();
      const { unwritable } = await inspectJournal({ path: '', databaseUrl: place.url });
      expect(unwritable).toMatch(/standby/);

      await client.query('select pg_promote()');
      await client.end();
      expect(await journal.problem()).toBeNull();
      await expect(advance(journal, request, 'submitting')).resolves.toMatchObject({ state: 'submitting' });
      await journal.close();
    },
    60_000,
  );

  it('is inspected for what its user may not write, without a try', async () => {
    await (await openJournal({ path: '', databaseUrl: place.url })).close();
    const user = `reader_${Date.now()}`;
    const [schema = ''] = /journal_\w+/.exec(place.url) ?? [];
    await executeAt(
      server().url,
      `create user ${user} password '${PASSWORD}'; grant usage on schema ${schema} to ${user};
       grant select on all tables in schema ${schema} to ${user}`,
    );
    const url = new URL(place.url);
    url.username = user;
    url.password = encodeURIComponent(PASSWORD);
    const inspect = async () => {
      const { unwritable, freeBytes } = await inspectJournal({ path: '', databaseUrl: url.href });
      expect(freeBytes).toBe(Number.POSITIVE_INFINITY);
      return unwritable;
    };
    expect(await inspect()).toBe(
      'the user may not insert into denials, events, pauses, requests, schema_version, watches',
    );
    await executeAt(server().url, `grant insert on all tables in schema ${schema} to ${user}`);
    expect(await inspect()).toBe('the user may not create tables');
    await executeAt(server().url, `grant create on schema ${schema} to ${user}`);
    expect(await inspect()).toBeNull();
    await executeAt(server().url, `drop owned by ${user}; drop user ${user}`);
  });

  it('has a problem while its database takes no writes, and none afterwards', async () => {
    const journal = await openJournal({ path: '', databaseUrl: place.url });
    expect(await journal.problem()).toBeNull();
    for (const code of ['25006', '53100', '57P03', '08006']) {
      await place.execute(`
        create or replace function deny() returns trigger language plpgsql as
        $$ begin raise exception 'not now' using errcode = '${code}'; end $$;
        create trigger deny before update on schema_version execute function deny()`);
      // Until the last check is too old to count.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect(await journal.problem()).toContain(`cannot be used (${code}`);
      await place.execute('drop trigger deny on schema_version');
      expect(await journal.problem()).toBeNull();
    }
    await journal.close();
  });
});

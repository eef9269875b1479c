import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalPlace } from './contract';

// A journal as the version with schema 5 made it. Written with literals: the code of today must not change it.

export type Row = Record<string, string | number | null>;

/** What that version exported: requests in every state that it knew, with their events, and denials. */
export const EXPORT_5 = readFileSync(join(__dirname, '../fixtures/journal-version-5.jsonl'), 'utf8');

const [, ...lines] = EXPORT_5.trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { request?: Row; events?: Row[]; denial?: Row });
export const ROWS_5 = {
  requests: lines.flatMap(({ request }) => (request ? [request] : [])),
  events: lines.flatMap(({ events = [] }) => events),
  denials: lines.flatMap(({ denial }) => (denial ? [denial] : [])),
};

const definitions = (id: string) => `
  create table schema_version (version integer not null);
  insert into schema_version values (5);
  create table requests (
    id ${id} primary key not null, team_id text not null, environment text not null, training_id text not null,
    requester text not null, channel text not null, created_at bigint not null,
    version integer not null, state text not null, operation_id text, submitted_at bigint, due_at bigint,
    lease_token text, lease_until bigint, head text not null, facts text not null, delivery text not null
  );
  create unique index requests_one_open on requests (environment, training_id)
    where state in ('confirmed', 'submitting', 'running', 'unknown');
  create index requests_due on requests (due_at);
  create index requests_created on requests (created_at, id);
  create index requests_training on requests (environment, training_id, created_at);
  create index requests_operation on requests (environment, operation_id);
  create index requests_running on requests (environment, submitted_at) where state = 'running';
  create table events (
    request_id ${id} not null references requests (id), seq integer not null, at bigint not null,
    kind text not null, from_state text, to_state text not null, actor text not null, detail text not null,
    plan_fingerprint text not null, facts text not null, hash text not null, primary key (request_id, seq)
  );
  create table denials (
    id ${id} primary key not null, at bigint not null, code text not null, detail text not null,
    user_id text not null, team_id text not null, channel text not null,
    environment text, training_id text, request_id text
  );
  create index denials_at on denials (at, id);
`;

const POSTGRES = `
  create function journal_deny_change() returns trigger language plpgsql as
  $$ begin raise exception 'rows of this table are never changed'; end $$;
  create trigger events_no_change before update or delete or truncate on events
    for each statement execute function journal_deny_change();
  create trigger denials_no_change before update or delete or truncate on denials
    for each statement execute function journal_deny_change();
`;
const SQLITE = ['events', 'denials']
  .flatMap((table) =>
    ['update', 'delete'].map(
      (act) => `
        create trigger ${table}_no_${act} before ${act} on ${table}
        begin select raise(abort, 'rows of this table are never changed'); end;`,
    ),
  )
  .join('');

const literal = (value: string | number | null) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);

/** A statement as that version writes a row: with the columns that it knows. */
export const insertion = (table: keyof typeof ROWS_5, row: Row): string =>
  `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.values(row).map(literal).join(', ')});`;

/** Makes the tables with all rows of the export. */
export async function makeSchema5({ where, execute }: JournalPlace): Promise<void> {
  const isPostgres = where.databaseUrl !== undefined;
  await execute(definitions(isPostgres ? 'text collate "C"' : 'text'));
  const tables = ['requests', 'events', 'denials'] as const;
  const rows = tables.flatMap((table) => ROWS_5[table].map((row) => insertion(table, row)));
  await execute(rows.join('\n'));
  await execute(isPostgres ? POSTGRES : SQLITE);
}

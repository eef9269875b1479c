import { JournalExportError } from './errors';
import { SCHEMA } from './migrate';
import type { EventTable, RefusalTable, RequestTable } from './schema';

/** The type of a column; `?` may be null. Whole numbers are read as text by some drivers, and written as numbers. */
type Kind = 'text' | 'text?' | 'whole' | 'whole?' | 'number?';
type Columns<Table> = Record<keyof Table, Kind>;

const requests: Columns<RequestTable> = {
  id: 'text',
  version: 'whole',
  state: 'text',
  environment: 'text',
  training_id: 'text',
  requester: 'text',
  channel: 'text',
  reason: 'text?',
  plan: 'text',
  retry_of: 'text?',
  operation_id: 'text?',
  progress: 'number?',
  outcome_code: 'text?',
  outcome_message: 'text?',
  card_channel: 'text?',
  card_ts: 'text?',
  thread_seq: 'whole',
  created_at: 'whole',
  confirmed_at: 'whole?',
  submitted_at: 'whole?',
  finished_at: 'whole?',
  lease_token: 'text?',
  lease_until: 'whole?',
  step_at: 'whole?',
  publish_at: 'whole?',
  step_tries: 'whole',
  publish_tries: 'whole',
  due_at: 'whole?',
  head: 'text',
};
const events: Columns<EventTable> = {
  request_id: 'text',
  seq: 'whole',
  at: 'whole',
  kind: 'text',
  from_state: 'text?',
  to_state: 'text',
  actor: 'text',
  detail: 'text',
  plan_fingerprint: 'text',
  facts: 'text',
  hash: 'text',
};
const refusals: Columns<RefusalTable> = {
  id: 'text',
  at: 'whole',
  code: 'text',
  message: 'text',
  user_id: 'text',
  channel: 'text',
  environment: 'text?',
  training_id: 'text?',
  request_id: 'text?',
};

/** In this order: an event needs its request. */
export const TABLES = { requests, events, refusals } as const;
export type TableName = keyof typeof TABLES;
export type Counts = Record<TableName, number>;

const FORMAT = 'toloka-archive-journal';

export const headerLine = (counts: Counts): string =>
  JSON.stringify({ format: FORMAT, schema: SCHEMA, ...counts });

/** One row as a line, the columns always in the same order, so that equal journals have equal exports. */
export function rowLine(table: TableName, row: object): string {
  const values = row as Record<string, unknown>;
  const entries = Object.entries(TABLES[table]).map(([column, kind]) => {
    const value = values[column];
    return [column, kind.startsWith('whole') && value !== null ? Number(value) : value];
  });
  return JSON.stringify({ [table]: Object.fromEntries(entries) });
}

/** @throws JournalExportError */
export function readHeader(line: string): Counts {
  if (line === '') throw new JournalExportError('The export is empty: it was cut off. Take it anew.');
  const header = parse(line);
  if (header?.['format'] !== FORMAT)
    throw new JournalExportError('This is no export of a journal: its first line does not say so.');
  if (header['schema'] !== SCHEMA) {
    throw new JournalExportError(
      `The export has schema ${header['schema']}, this version knows ${SCHEMA}. Export it with this version, which brings a journal up to date when the app starts on it.`,
    );
  }
  const { requests, events, refusals } = header;
  return { requests: Number(requests), events: Number(events), refusals: Number(refusals) };
}

/** @throws JournalExportError when the line is not one row, or has other columns or types than the table */
export function readRow(line: string, number: number): { table: TableName; row: Record<string, unknown> } {
  const [[table, row] = []] = Object.entries(parse(line) ?? {});
  if (table !== undefined && table in TABLES && typeof row === 'object' && row !== null) {
    const columns = Object.entries(TABLES[table as TableName]);
    const values = row as Record<string, unknown>;
    const fits =
      Object.keys(values).length === columns.length &&
      columns.every(([column, kind]) => column in values && isOf(kind, values[column]));
    if (fits) return { table: table as TableName, row: values };
  }
  throw new JournalExportError(
    `Line ${number} is not a row of a journal. Take the export anew and leave the file as it is.`,
  );
}

function isOf(kind: Kind, value: unknown): boolean {
  if (value === null) return kind.endsWith('?');
  if (kind.startsWith('text')) return typeof value === 'string';
  return kind.startsWith('whole') ? Number.isSafeInteger(value) : typeof value === 'number';
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

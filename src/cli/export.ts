import { existsSync } from 'node:fs';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import type { ArchiveRequest, Denial } from '../archive/request';
import type { AuditRecord, JournalAudit } from '../journal/audit';
import type { ExportOptions } from './options';
import { fileProblem, type Io, isoTime, UsageError } from './program';

/**
 * Writes lines to a new file that only its owner may read, or to standard output. The file is there when it is complete.
 * @throws UsageError when the file exists or cannot be written
 */
export async function writeOut(
  io: Io,
  file: string | undefined,
  lines: AsyncIterable<string>,
): Promise<void> {
  if (file === undefined) {
    for await (const line of lines) await io.out(line);
    return;
  }
  if (existsSync(file)) throw fileExists(file);
  const aside = `${file}.${process.pid}.part`;
  try {
    await writeFile(aside, lines, { flag: 'wx', mode: 0o600 });
    // Unlike a rename, a link never replaces a file that appeared meanwhile. Some file systems have no links.
    await link(aside, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw fileExists(file);
      return rename(aside, file);
    });
  } catch (error) {
    throw fileProblem('--out', error);
  } finally {
    await rm(aside, { force: true }).catch(() => {});
  }
}

const fileExists = (file: string) => new UsageError(`${file} already exists. Give another --out.`);

/**
 * Requests, and denials if asked for, for other programs. CSV has one line per request; JSON lines have the events
 * too.
 * @param onRecord is given each request that is written
 */
export async function* exportedLines(
  audit: JournalAudit,
  { format, denials, ...filter }: ExportOptions,
  onRecord: (record: AuditRecord) => void,
): AsyncGenerator<string> {
  const csv = format === 'csv';
  if (csv) yield csvLine(COLUMNS.map(([name]) => name));
  for await (const record of audit.records(filter)) {
    onRecord(record);
    yield csv ? requestCsv(record) : requestJson(record);
  }
  if (!denials) return;
  for (const denial of await audit.denials(filter))
    yield csv
      ? csvLine(COLUMNS.map(([, , cell]) => cell?.(denial)))
      : jsonLine({ record: 'denial', ...denial });
}

const jsonLine = (value: object) => `${JSON.stringify(value)}\n`;

function requestJson({ id, request, head, events, findings }: AuditRecord): string {
  if (request === null) return jsonLine({ record: 'request', id, unreadable: findings, head, events });
  // A lease is of no use to anybody by the time that this is read.
  const { lease: _lease, ...rest } = request;
  return jsonLine({ record: 'request', ...rest, head, events });
}

/** Whose approvals count, in the order of their clicks. */
export const approversOf = ({ approval }: ArchiveRequest): string =>
  approval?.given.map(({ user }) => user).join(', ') ?? '';

type Cell<Of> = (of: Of) => string | null | undefined;

/** What CSV has of a request and of a denial. Times are ISO 8601 in UTC. */
const COLUMNS: [name: string, ofRequest: Cell<ArchiveRequest>, ofDenial?: Cell<Denial>][] = [
  ['record', () => 'request', () => 'denial'],
  ['id', ({ id }) => id, ({ id }) => id],
  ['time', ({ createdAt }) => isoTime(createdAt), ({ at }) => isoTime(at)],
  ['team', ({ team }) => team, ({ team }) => team],
  ['environment', ({ environment }) => environment, ({ environment }) => environment],
  ['training', ({ trainingId }) => trainingId, ({ trainingId }) => trainingId],
  ['name', ({ plan }) => plan.training?.name],
  ['state', ({ state }) => state],
  ['code', ({ outcome }) => outcome?.code, ({ code }) => code],
  ['message', ({ outcome }) => outcome?.said, ({ detail }) => detail],
  ['person', ({ requester }) => requester, ({ user }) => user],
  ['channel', ({ channel }) => channel, ({ channel }) => channel],
  ['reason', ({ reason }) => reason],
  ['approvers', approversOf],
  ['declined by', ({ approval }) => approval?.declined?.user],
  ['operation', ({ operationId }) => operationId],
  ['confirmed', ({ confirmedAt }) => isoTime(confirmedAt)],
  ['submitting', ({ submittedAt }) => isoTime(submittedAt)],
  ['ended', ({ finishedAt }) => isoTime(finishedAt)],
  ['request', ({ retryOf }) => retryOf, ({ requestId }) => requestId],
  ['receipt', ({ receipt }) => receipt],
];

function requestCsv({ id, request }: AuditRecord): string {
  const unreadable: Record<string, string> = { record: 'request', id, state: 'unreadable' };
  return csvLine(COLUMNS.map(([name, cell]) => (request ? cell(request) : unreadable[name])));
}

/**
 * Where a spreadsheet could begin a cell with a formula: at the start of a text, and after anything that some locale
 * takes for a separator, since a sheet that splits at another character than the comma ignores the quotes. An
 * apostrophe there is doubled, so that the text can be restored.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /(?<=^|[;,|\t\r\n])(?=[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20'|%])|^(?=[\t\r\n])/gu;

/**
 * One line of CSV with its line end, as RFC 4180 says, every cell quoted. Where a formula could begin, an apostrophe is
 * added: remove one after the start or a separator (`;`, `,`, `|`, tab, line end) to restore the text.
 */
export const csvLine = (values: readonly (string | null | undefined)[]): string =>
  `${values.map((value) => `"${(value ?? '').replace(FORMULA, "'").replaceAll('"', '""')}"`).join(',')}\r\n`;

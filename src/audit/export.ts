import { createWriteStream, existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Refusal } from '../archive/journal-port';
import type { AuditedRequest, AuditFilter, JournalAudit } from '../journal/open-audit';
import { csvLine } from './csv';
import { type ExitCode, type Io, UsageError } from './program';

export interface ExportOptions {
  format: 'csv' | 'jsonl';
  filter: AuditFilter;
  refusals: boolean;
  out: string | undefined;
}

/** Requests, and refusals if asked for, for other programs. CSV has a line a request; JSON lines have the events too. */
export async function exportRecords(audit: JournalAudit, io: Io, options: ExportOptions): Promise<ExitCode> {
  await writeOut(io, options.out, lines(audit, options));
  return 0;
}

/**
 * Writes to a new file that only its owner may read, or to standard output.
 * @throws UsageError when the file is there already or cannot be written
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
  if (existsSync(file)) throw new UsageError(`${file} is there already. Give another --out.`);
  try {
    await pipeline(Readable.from(lines), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    if (!('syscall' in (error as object))) throw error;
    const { message } = error as Error;
    throw new UsageError(`${file} cannot be written: ${message}. Give another --out.`, { cause: error });
  }
}

async function* lines(
  audit: JournalAudit,
  { format, filter, refusals }: ExportOptions,
): AsyncGenerator<string> {
  const csv = format === 'csv';
  if (csv) yield csvLine(COLUMNS);
  for await (const request of audit.requests(filter))
    yield csv ? csvLine(requestCells(request)) : jsonLine('request', withoutLease(request));
  if (!refusals) return;
  for await (const refusal of audit.refusals(filter))
    yield csv ? csvLine(refusalCells(refusal)) : jsonLine('refusal', refusal);
}

const jsonLine = (record: string, value: object) => `${JSON.stringify({ record, ...value })}\n`;

/** The right to write is nobody's business, and over by the time that anybody reads this. */
const withoutLease = ({ lease: _lease, ...request }: AuditedRequest) => request;

/** Times are ISO 8601 in UTC. `code` and `message` are those of the outcome, or of the refusal. */
const COLUMNS = [
  'record',
  'id',
  'time',
  'environment',
  'training',
  'name',
  'state',
  'code',
  'message',
  'person',
  'channel',
  'reason',
  'operation',
  'confirmed',
  'submitting',
  'ended',
  'request',
  'receipt',
];

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

const requestCells = (request: AuditedRequest) => [
  'request',
  request.id,
  iso(request.createdAt),
  request.environment,
  request.trainingId,
  request.plan.training?.name ?? null,
  request.state,
  request.outcome?.code ?? null,
  request.outcome?.message ?? null,
  request.requester,
  request.channel,
  request.reason,
  request.operationId,
  iso(request.confirmedAt),
  iso(request.submittedAt),
  iso(request.finishedAt),
  request.retryOf,
  request.receipt,
];

const refusalCells = (refusal: Refusal) => [
  'refusal',
  refusal.id,
  iso(refusal.at),
  refusal.environment,
  refusal.trainingId,
  null,
  null,
  refusal.code,
  refusal.message,
  refusal.user,
  refusal.channel,
  null,
  null,
  null,
  null,
  null,
  refusal.requestId,
  null,
];

import { type AuditRecord, type JournalAudit, openAudit } from '../journal/audit';
import { receiptOf } from '../journal/chain';
import { approversOf, exportedLines, writeOut } from './export';
import { type ExportOptions, HELP, type ListOptions, parseCommand } from './options';
import {
  type ExitCode,
  type Io,
  isoTime,
  journalLocation,
  reporting,
  runAsProcess,
  table,
  UsageError,
  visible,
} from './program';

/** `npm run audit`: reads the journal, writes nothing. @see docs/audit.md */
export function runAudit(args: readonly string[], io: Io): Promise<ExitCode> {
  return reporting(io, async () => {
    const command = parseCommand(args);
    if (command.name === 'help') {
      await io.out(HELP);
      return 0;
    }
    const audit = await openAudit(journalLocation(io));
    try {
      switch (command.name) {
        case 'list':
          return await list(audit, io, command);
        case 'show':
          return await show(audit, io, command.id);
        case 'pauses':
          return await pauses(audit, io);
        case 'export':
          return await exportAll(audit, io, command);
        case 'verify':
          return command.id === undefined
            ? await verifyAll(audit, io)
            : await verifyOne(audit, io, command.id, command.receipt);
      }
    } finally {
      await audit.close();
    }
  });
}

const findingLines = ({ id, findings }: AuditRecord): string =>
  findings.map((finding) => `${visible(id)}: BROKEN, ${visible(finding)}.\n`).join('');

/** Prints what is wrong with a request. */
function report({ err }: Io, record: AuditRecord): ExitCode {
  err(findingLines(record));
  return record.findings.length === 0 ? 0 : 1;
}

const HEAD = ['asked (UTC)', 'state', 'training', 'environment', 'by', 'channel', 'receipt', 'request'];

/** The newest requests, one per line. */
async function list(audit: JournalAudit, io: Io, { limit = 50, ...filter }: ListOptions): Promise<ExitCode> {
  const records: AuditRecord[] = [];
  for await (const record of audit.records(filter, limit + 1)) records.push(record);
  const shown = records.slice(0, limit);
  if (shown.length === 0) io.err('No request in the journal matches.\n');
  else await io.out(table(HEAD, shown.map(listRow)));
  if (records.length > limit) io.err(`There are more than these ${limit}: give a --limit, or use export.\n`);
  return shown.map((record) => report(io, record)).includes(1) ? 1 : 0;
}

function listRow({ id, request }: AuditRecord): string[] {
  if (request === null) return ['–', 'unreadable', '–', '–', '–', '–', '–', id];
  const { createdAt, state, outcome, trainingId, environment, requester, channel, receipt } = request;
  const result = outcome === null ? state : `${state} (${outcome.code})`;
  const asked = (isoTime(createdAt) ?? '').slice(0, 16);
  return [asked, result, trainingId, environment, requester, channel, receipt, id];
}

/** Everything that the journal has about one request. @throws UsageError when it has nothing */
async function show(audit: JournalAudit, io: Io, id: string): Promise<ExitCode> {
  const record = await audit.record(id);
  if (record === undefined)
    throw new UsageError(
      `The journal has no request ${JSON.stringify(id)}. The whole ID is on the card: "Request …".`,
    );
  const facts = details(record).map(([name, value]) =>
    value ? `${name.padEnd(13)} ${visible(value)}\n` : '',
  );
  const events = record.events.map(({ seq, at, kind, to, actor, detail, hash }) => [
    ...[String(seq), isoTime(at) ?? '', kind, to],
    ...[actor, receiptOf(hash), typeof detail === 'string' ? detail : JSON.stringify(detail)],
  ]);
  const history = table(['#', 'when (UTC)', 'what', 'to', 'by', 'receipt', 'detail'], events);
  await io.out(`${facts.join('')}\n${history}`);
  return report(io, record);
}

async function pauses(audit: JournalAudit, io: Io): Promise<ExitCode> {
  const rows = (await audit.pauses()).map(({ at, kind, user, team, channel, reason }) => [
    ...[isoTime(at) ?? '', kind, user, team, channel, reason],
  ]);
  if (rows.length === 0) io.err('Archiving was never paused.\n');
  else await io.out(table(['when (UTC)', 'what', 'by', 'workspace', 'channel', 'reason'], rows));
  return 0;
}

function details({ id, request, head }: AuditRecord): [string, string | null | undefined][] {
  const hash: [string, string | null] = ['hash', head];
  if (request === null) return [['request', id], ['state', 'unreadable'], hash];
  const { plan, outcome, card, progress, approval } = request;
  return [
    ['request', id],
    ['state', request.state],
    ['outcome', outcome && [outcome.code, outcome.httpStatus, outcome.said].filter(Boolean).join(' · ')],
    ['training', request.trainingId],
    ['name', plan.training?.name],
    ['project', plan.training && `${plan.training.projectId} ${plan.projectName ?? ''}`.trim()],
    ['environment', request.environment],
    ['workspace', request.team],
    ['asked by', request.requester],
    ['in channel', request.channel],
    ['reason', request.reason],
    ['needs', approval && `${approval.needed} approvals until ${isoTime(approval.until)}`],
    ['approved by', approversOf(request)],
    ['declined by', approval?.declined && `${approval.declined.user}: ${approval.declined.reason}`],
    ['batch', request.batch],
    ['repeats', request.retryOf],
    ['operation', request.operationId],
    ['progress', progress === null ? null : `${progress} %`],
    ['asked', isoTime(request.createdAt)],
    ['confirmed', isoTime(request.confirmedAt)],
    ['submitting', isoTime(request.submittedAt)],
    ['ended', isoTime(request.finishedAt)],
    ['plan read', isoTime(plan.readAt)],
    ['plan', plan.fingerprint],
    ['not checked', plan.unread.map(({ part, code }) => `${part} (${code})`).join(', ')],
    ['linked pools', plan.pools.map((pool) => `${pool.id} ${pool.status}`).join(', ')],
    ['card', card && `${card.channel} ${card.ts}`],
    ['receipt', request.receipt],
    hash,
  ];
}

async function exportAll(audit: JournalAudit, io: Io, options: ExportOptions): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const lines = exportedLines(audit, options, (record) => {
    if (report(io, record) === 1) exitCode = 1;
  });
  await writeOut(io, options.out, lines);
  return exitCode;
}

/** Checks the chain of one request, and with a receipt whether the card agrees. */
async function verifyOne(audit: JournalAudit, io: Io, id: string, receipt?: string): Promise<ExitCode> {
  const record = await audit.record(id);
  if (record === undefined) {
    await io.out(
      `${visible(id)}: not in the journal. If this is the whole ID from a card, the request was removed.\n`,
    );
    return 1;
  }
  const { events, findings } = record;
  const later = events.length - 1 - events.findLastIndex(({ hash }) => receiptOf(hash) === receipt);
  const isUnknown = receipt !== undefined && later === events.length;
  if (isUnknown)
    findings.push(
      'unless the receipt was mistyped: this history never had it. Events were cut off, or all of it was written again',
    );
  await io.out(verifyReport(record));
  if (receipt !== undefined && !isUnknown)
    await io.out(
      later === 0
        ? `${visible(id)}: the receipt is that of the last event.\n`
        : `${visible(id)}: the receipt is that of event ${events.length - later}; ${later} more followed, so the card should show a newer one by now.\n`,
    );
  return findings.length === 0 ? 0 : 1;
}

async function verifyAll(audit: JournalAudit, io: Io): Promise<ExitCode> {
  let [requests, events, broken] = [0, 0, 0];
  for (const records of [audit.records({}), audit.orphans()]) {
    for await (const record of records) {
      requests++;
      events += record.events.length;
      if (record.findings.length === 0) continue;
      broken++;
      await io.out(verifyReport(record));
    }
  }
  const result = broken === 0 ? 'all intact' : `${broken} broken`;
  await io.out(`${requests} requests, ${events} events: ${result}.\n`);
  return broken === 0 ? 0 : 1;
}

function verifyReport(record: AuditRecord): string {
  const { id, findings, events } = record;
  if (findings.length > 0) return findingLines(record);
  const receipt = receiptOf(events.at(-1)?.hash ?? '');
  return `${visible(id)}: intact, ${events.length} events, receipt ${receipt}.\n`;
}

export const main = () => runAsProcess(runAudit);

if (require.main === module) main();

import type { AuditedRequest, AuditFilter, JournalAudit } from '../journal/open-audit';
import type { ExitCode, Io } from './program';
import { moment, table } from './text';

const HEAD = ['asked (UTC)', 'state', 'training', 'environment', 'by', 'channel', 'receipt', 'request'];

/** The newest requests, one a line. */
export async function list(
  audit: JournalAudit,
  io: Io,
  { filter, limit }: { filter: AuditFilter; limit: number },
): Promise<ExitCode> {
  const rows: string[][] = [];
  let more = false;
  for await (const request of audit.requests(filter)) {
    more = rows.length === limit;
    if (more) break;
    rows.push(rowOf(request));
  }
  if (rows.length === 0) io.err('No request in the journal fits.\n');
  else await io.out(table(HEAD, rows));
  if (more) io.err(`There are more than these ${limit}: give a --limit, or use export.\n`);
  return 0;
}

function rowOf(request: AuditedRequest): string[] {
  const { createdAt, state, outcome, trainingId, environment, requester, channel, receipt, id } = request;
  const said = outcome === null ? state : `${state} (${outcome.code})`;
  return [moment(createdAt).slice(0, 16), said, trainingId, environment, requester, channel, receipt, id];
}

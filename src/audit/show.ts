import { receiptOf } from '../journal/chain';
import type { AuditedEvent, AuditedRequest, JournalAudit } from '../journal/open-audit';
import { type ExitCode, type Io, UsageError } from './program';
import { moment, table, visible } from './text';

/** Everything that the journal has about one request. @throws UsageError when it has nothing */
export async function show(audit: JournalAudit, io: Io, { id }: { id: string }): Promise<ExitCode> {
  const request = await audit.request(id);
  if (request === undefined)
    throw new UsageError(
      `The journal has no request ${JSON.stringify(id)}. The id is on the card, whole: "Request …".`,
    );
  const events = request.events.map(eventRow);
  await io.out(
    `${facts(request)}\n${table(['#', 'when (UTC)', 'what', 'to', 'by', 'receipt', 'said'], events)}`,
  );
  const { findings = [] } = (await audit.check(id)) ?? {};
  for (const { message } of findings) io.err(`Not as it was written: ${message}.\n`);
  return findings.length === 0 ? 0 : 1;
}

function facts(request: AuditedRequest): string {
  const { plan, outcome, card } = request;
  const pairs: [string, string | null][] = [
    ['request', request.id],
    ['state', request.state],
    ['outcome', outcome && `${outcome.code}: ${outcome.message}`],
    ['training', request.trainingId],
    ['name', plan.training?.name ?? null],
    ['project', plan.training && `${plan.training.projectId} ${plan.projectName ?? ''}`.trim()],
    ['environment', request.environment],
    ['asked by', request.requester],
    ['in channel', request.channel],
    ['reason', request.reason],
    ['try again of', request.retryOf],
    ['operation', request.operationId],
    ['progress', request.progress === null ? null : `${request.progress} %`],
    ['asked', moment(request.createdAt)],
    ['confirmed', moment(request.confirmedAt)],
    ['submitting', moment(request.submittedAt)],
    ['ended', moment(request.finishedAt)],
    ['plan read', moment(plan.readAt)],
    ['plan', plan.fingerprint],
    ['not checked', plan.unavailable],
    ['linked pools', plan.pools.map(({ id, status }) => `${id} ${status}`).join(', ') || null],
    ['card', card && `${card.channel} ${card.ts}`],
    ['receipt', request.receipt],
    ['hash', request.head],
  ];
  const known = pairs.filter((pair): pair is [string, string] => pair[1] !== null);
  return known.map(([name, value]) => `${name.padEnd(13)} ${visible(value)}\n`).join('');
}

function eventRow({ seq, at, kind, to, actor, detail, hash }: AuditedEvent): string[] {
  const { code, message, operationId, httpStatus, changes } = detail;
  const said = [code, httpStatus, operationId, message, ...(changes ?? [])].filter(
    (one) => one !== undefined,
  );
  return [String(seq), moment(at), kind, to, actor, receiptOf(hash), said.join(' · ')];
}

import type { MessageInThread, Workspace } from '../../demo/slack';
import type { TolokaAccount } from '../../demo/toloka';
import type { JournalPlace } from '../../src/journal/connect';
import { openAudit } from '../../src/journal/open-audit';
import type { Act, CardInChannel, Evidence, Logged } from './evidence';
import type { Replicas } from './replicas';

export interface Gathering {
  workspace: Workspace;
  account: TolokaAccount;
  replicas: Replicas;
  place: JournalPlace;
  channels: readonly string[];
  acts: Act[];
  /** By name, so that no secret stands in what the judge says. */
  secrets: Record<string, string>;
}

/** Collects what the judge looks at, after all processes have ended. */
export async function gather(from: Gathering): Promise<Evidence> {
  const { account, replicas, acts } = from;
  const operations = account.operations();
  const journal = await readJournal(from.place);
  const trainings = [...new Set([...journal.requests.map(({ trainingId }) => trainingId)])];
  return {
    ...journal,
    posts: account.exchanges.flatMap(({ method, path, trainingId, at, status, operationId, fault }) =>
      method === 'POST' && path.endsWith('/archive') && trainingId !== undefined
        ? [{ trainingId, at, status, operationId: operationId ?? null, fault: fault ?? null }]
        : [],
    ),
    trainings: Object.fromEntries(
      trainings.map((id) => [id, account.getTraining(id)?.status ?? 'not there']),
    ),
    operations: Object.fromEntries(
      operations.map((one) => [one.id, { status: one.status, trainingId: trainingOf(one) }]),
    ),
    cards: from.channels.flatMap((channel) => from.workspace.messages(channel).flatMap(cardOf)),
    acts,
    disturbances: replicas.disturbances,
    endings: replicas.endings,
    logged: replicas.errors().flatMap(loggedOf),
    leaks: leaksIn(replicas.outputs(), from.secrets),
  };
}

async function readJournal(
  place: JournalPlace,
): Promise<Pick<Evidence, 'requests' | 'refusals' | 'findings'>> {
  const audit = await openAudit(place);
  try {
    const requests = await all(audit.requests({}));
    const refusals = await all(audit.refusals({}));
    const checked = await all(audit.checkAll());
    const findings = checked.flatMap((one) =>
      one.findings.map(({ requestId, message }) => ({ requestId, message })),
    );
    return { requests, refusals, findings };
  } finally {
    await audit.close();
  }
}

async function all<T>(some: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of some) list.push(one);
  return list;
}

function trainingOf(operation: Record<string, unknown>): string {
  const parameters = operation['parameters'] as { training_id?: string } | undefined;
  return parameters?.training_id ?? '';
}

function cardOf(message: MessageInThread): CardInChannel[] {
  const { metadata, channel, ts, at, blocks, replies } = message;
  if (metadata?.event_type !== 'archive_card') return [];
  const lines = replies
    .filter((reply) => reply.metadata?.event_type === 'archive_thread')
    .map((reply) => ({ seq: Number(reply.metadata?.event_payload['seq']), text: reply.text }));
  const requestId = String(metadata.event_payload['request_id']);
  return [{ requestId, channel, ts, at, text: JSON.stringify(blocks), lines }];
}

function leaksIn(outputs: readonly string[], secrets: Record<string, string>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    outputs.some((output) => output.includes(secret)) ? [name] : [],
  );
}

/** The log keeps what the journal could not: whose refusal was not recorded, whose click met a fault. */
function loggedOf(line: Record<string, unknown>): Logged[] {
  const { time, message, user, refusal } = line as {
    time: string;
    message: string;
    user?: string;
    refusal?: { user?: string };
  };
  const who = user ?? refusal?.user;
  return who === undefined ? [] : [{ at: Date.parse(time), message, user: who }];
}

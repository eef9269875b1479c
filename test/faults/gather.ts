import type { MessageInThread, Sent, Workspace } from '../../fakes/slack';
import type { TolokaAccount } from '../../fakes/toloka';
import { openAudit } from '../../src/journal/audit';
import type { ConnectOptions } from '../../src/journal/connect';
import type { Act, CardInChannel, CardPost, Connection, Delivery, Evidence, Life, Logged } from './evidence';
import type { RawAct } from './people';
import type { Replicas } from './replicas';

export interface Gathering {
  workspace: Workspace;
  account: TolokaAccount;
  replicas: Replicas;
  journal: ConnectOptions;
  /** Those with cards, and those of them in which archiving is allowed. */
  channels: { all: readonly string[]; allowed: readonly string[] };
  /** HTTP delivery: the addresses of the replicas, in their order. */
  addresses: readonly string[];
  leaseMs: number;
  acts: RawAct[];
  absences: Evidence['absences'];
  approvals: Evidence['approvals'];
  trainingHistory: Evidence['trainingHistory'];
  /** By name, so that what the judge says contains no secret. */
  secrets: Record<string, string>;
}

/** The name in a process's addresses of Slack and Toloka, and back. */
export const callerOf = (process: number): string => `process-${process}`;
export const processOf = (caller: string | null): number | null =>
  caller === null ? null : Number(caller.replace('process-', ''));

/** Keeps what the account shows of each training, from now on. */
export function watchTrainings(account: TolokaAccount): Evidence['trainingHistory'] {
  const history: Evidence['trainingHistory'] = {};
  account.on('change', ({ kind, id }) => {
    if (kind !== 'training') return;
    // Afterwards, because looking at a training may itself be what changes it: an operation that is due ends then.
    queueMicrotask(() => {
      const training = account.getTraining(id);
      const [name, status] = [String(training?.['private_name']), String(training?.status)];
      const past = history[id] ?? [];
      history[id] = past;
      const last = past.at(-1);
      if (last?.name !== name || last.status !== status) past.push({ at: Date.now(), name, status });
    });
  });
  return history;
}

/** Collects what the judge looks at, after all processes have ended. */
export async function gather(from: Gathering): Promise<Evidence> {
  const { account, replicas, workspace } = from;
  const operations = account.operations();
  const records = await readJournal(from.journal);
  const trainings = [...new Set(records.requests.map(({ trainingId }) => trainingId))];
  const connections = connectionsOf(workspace);
  return {
    ...records,
    leaseMs: from.leaseMs,
    posts: account.exchanges.flatMap(
      ({ method, path, trainingId, at, status, operationId, fault, caller = null }) =>
        method === 'POST' && path.endsWith('/archive') && trainingId !== undefined
          ? [
              {
                ...{ trainingId, at, status, process: processOf(caller) },
                ...{ operationId: operationId ?? null, fault: fault ?? null },
              },
            ]
          : [],
    ),
    trainings: Object.fromEntries(
      trainings.map((id) => [id, account.getTraining(id)?.status ?? 'not there']),
    ),
    trainingHistory: from.trainingHistory,
    operations: Object.fromEntries(
      operations.map((one) => [one.id, { status: one.status, trainingId: trainingOf(one) }]),
    ),
    cards: from.channels.all.flatMap((channel) => workspace.messages(channel).flatMap(cardOf)),
    cardPosts: cardPostsOf(workspace),
    messages: workspace.calls.flatMap(({ method, args, at, effect }) => {
      const user = String(method === 'chat.postEphemeral' ? args['user'] : args['channel']);
      return effect && method.startsWith('chat.post') && user.startsWith('U')
        ? [{ user, at, text: String(args['text']) }]
        : [];
    }),
    acts: actsOf(from, connections),
    lives: [...replicas.lives],
    connections,
    failedOpens: workspace.calls
      .filter(({ method, ok }) => method === 'apps.connections.open' && !ok)
      .map(({ caller, at }) => ({ process: processOf(caller), at })),
    absences: from.absences,
    approvals: from.approvals,
    channels: from.channels.allowed,
    logged: replicas.logged('error').flatMap(loggedOf),
    unwritten: replicas.logged('warn').flatMap(unwrittenOf),
    hostile: hostileTexts(from),
    leaks: leaksIn(replicas.outputs(), from.secrets),
  };
}

export const connectionsOf = ({ socket }: Workspace): Connection[] =>
  socket.history().map(({ id, caller, openedAt, closedAt, cutAt }) => ({
    ...{ id, process: processOf(caller), openedAt, closedAt, cutAt },
  }));

async function readJournal(
  options: ConnectOptions,
): Promise<Pick<Evidence, 'requests' | 'denials' | 'pauses' | 'findings'>> {
  const audit = await openAudit(options);
  try {
    const records = [...(await all(audit.records({}))), ...(await all(audit.orphans()))];
    return {
      requests: records.flatMap(({ request, head, events }) =>
        request === null || head === null ? [] : [{ ...request, head, events }],
      ),
      denials: await audit.denials({}),
      pauses: (await audit.pauses()).reverse().map(({ at, kind, user }) => ({ at, kind, user })),
      findings: records.flatMap(({ id, findings }) =>
        findings.map((message) => ({ requestId: id, message })),
      ),
    };
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
    .map(({ metadata: shows, text }) => {
      const { seq, sum, call } = shows?.event_payload ?? {};
      return { seq: Number(seq), sum: Number(sum), call: Number(call), text };
    });
  const requestId = String(metadata.event_payload['request_id']);
  return [{ requestId, channel, ts, at, text: JSON.stringify(blocks), lines }];
}

/** When each card came into its channel, whether or not it was deleted later. A fault delays only Slack's answer. */
const cardPostsOf = ({ calls }: Workspace): CardPost[] =>
  calls.flatMap(({ method, args, effect, at }) => {
    const metadata = parsed(args['metadata']) as MessageInThread['metadata'];
    return method === 'chat.postMessage' && effect && metadata?.event_type === 'archive_card'
      ? [{ requestId: String(metadata.event_payload['request_id']), at }]
      : [];
  });

/** Turns what Slack knows of a transmission into the process that it went to. */
export function createDeliveryOf(
  connections: readonly Connection[],
  lives: readonly Life[],
  addresses: readonly string[],
): (sent: Sent) => Delivery {
  const byId = new Map(connections.map((one) => [one.id, one]));
  return ({ at, to, ackedAt, refused }) => {
    const connection = to === null ? undefined : byId.get(to);
    if (to === null || connection)
      return { at, process: connection?.process ?? null, connection: to, replica: null, ackedAt };
    const replica = addresses.indexOf(to);
    const process = refused ? null : (currentLife(lives, replica, at)?.process ?? null);
    return { at, process, connection: null, replica, ackedAt };
  };
}

function actsOf({ acts, workspace, replicas, addresses }: Gathering, connections: Connection[]): Act[] {
  const opened = new Set(
    workspace.calls
      .filter(({ method }) => method === 'views.open')
      .map(({ args }) => String(args['trigger_id'])),
  );
  const deliveryOf = createDeliveryOf(connections, replicas.lives, addresses);
  return acts.map(({ sent, trigger, payload: _, ...act }) => ({
    ...act,
    deliveries: sent.map(deliveryOf),
    opened: trigger !== null && opened.has(trigger),
  }));
}

/** The newest process of a replica at a moment, whether or not it still lives. */
export const currentLife = (lives: readonly Life[], replica: number, at: number): Life | undefined =>
  lives.findLast((life) => life.replica === replica && life.startedAt <= at);

/** Every text that Slack would format: those of type mrkdwn, and the text of a message. */
function hostileTexts({ workspace, acts }: Gathering): Evidence['hostile'] {
  const found = new Map<string, string>();
  const keep = (where: string, text: unknown) => {
    if (typeof text === 'string' && text.includes('!channel')) found.set(text, where);
  };
  const walk = (where: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { type, text } = value as { type?: unknown; text?: unknown };
    if (type === 'mrkdwn') keep(where, text);
    for (const inner of Object.values(value)) walk(where, inner);
  };
  for (const { method, args } of workspace.calls) {
    keep(method, args['text']);
    for (const part of ['blocks', 'view', 'attachments']) walk(method, parsed(args[part]));
  }
  for (const { kind, payload } of acts) {
    keep(`acknowledgement of a ${kind}`, (payload as { text?: unknown } | null)?.text);
    walk(`acknowledgement of a ${kind}`, payload);
  }
  return [...found].map(([text, where]) => ({ where, text }));
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

function leaksIn(outputs: readonly string[], secrets: Record<string, string>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    outputs.some((output) => output.includes(secret)) ? [name] : [],
  );
}

/** The log keeps what the journal could not: a denial that was not recorded, a click that met a fault. */
function loggedOf({ process, line }: { process: number; line: Record<string, unknown> }): Logged[] {
  const { time, message, denial } = line as { time: string; message: string; denial?: LogFields };
  const { user, trainingId, requestId, items = [] } = denial ?? (line as LogFields);
  if (user === undefined) return [];
  const all = [{ trainingId, requestId }, ...items];
  return [
    {
      ...{ process, at: Date.parse(time), message, user },
      trainingIds: all.flatMap((one) => one.trainingId ?? []),
      requestIds: all.flatMap((one) => one.requestId ?? []),
    },
  ];
}

const unwrittenOf = ({ line }: { line: Record<string, unknown> }): Evidence['unwritten'] =>
  line['message'] === 'card not written'
    ? [{ requestId: String(line['request']), at: Date.parse(String(line['time'])) }]
    : [];

interface LogFields {
  user?: string;
  trainingId?: string | null;
  requestId?: string | null;
  items?: { trainingId?: string; requestId?: string }[];
}

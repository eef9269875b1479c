import { setTimeout as wait } from 'node:timers/promises';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { BLOCKERS } from './archive/plan';
import type { Clock } from './archive/ports';
import type { Journal } from './archive/ports-journal';
import { type ArchiveRequest, EVENT_KINDS, type EventKind, isOpen, OPEN_STATES } from './archive/request';
import { DENIAL_REASONS } from './messages/denials';
import { ACK_KINDS, type OnAck } from './slack/acks';
import { CALLED_METHODS, type OnCall } from './slack/calls';
import { type OnExchange, TOLOKA_ERROR_KINDS } from './toloka';

const PREFIX = 'toloka_archive_';
const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Slack waits for 3 s. */
const ACK_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 5, 10];
const POST_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600];
const ARCHIVE_SECONDS = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400];

/** How long the journal and `/readyz` may take, in ms. Prometheus itself gives up after 10 s. */
const ASK_MS = 2_000;
/** Slack's codes are an open list. */
const MOST_CODES = 100;

const COMMAND_KINDS = [
  'ask',
  'check',
  'help',
  'history',
  'list',
  'pause',
  'pick',
  'resume',
  'status',
  'wrong',
] as const;

/** What is read when somebody asks for the metrics. */
export interface Observed {
  journal: Pick<Journal, 'workload' | 'pause'>;
  ready: () => Promise<boolean>;
  /** By state. Empty in HTTP mode. */
  sockets: () => Record<string, number>;
  /** For each environment, in ms. Null where it is not known. */
  clockAhead: () => [environment: string, ms: number | null][];
}

/**
 * The metrics of this process in Prometheus's format. No label holds an ID or a name.
 * @see docs/operations.md, "Metrics"
 */
export function createMetrics({ clock, environments }: { clock: Clock; environments: readonly string[] }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: `${PREFIX}${name}`, help, labelNames, buckets, registers });

  const commands = counter('commands_total', 'Commands, by what they ask for', 'kind');
  const denials = counter('denials_total', 'Commands and clicks that were denied or changed nothing', 'code');
  const acks = histogram(
    'ack_seconds',
    'Time from the arrival of a command or click until its acknowledgement, for which Slack waits 3 s',
    ACK_SECONDS,
    'kind',
  );
  const events = counter('request_events_total', 'Changes of requests', 'environment', 'event');
  const toPost = histogram(
    'confirm_to_post_seconds',
    'Time from the confirmation, or the last approval, until the POST is sent',
    POST_SECONDS,
    'environment',
  );
  const toEnd = histogram(
    'confirm_to_end_seconds',
    'Time from the confirmation, or the last approval, until the request has ended',
    ARCHIVE_SECONDS,
    'environment',
    'outcome',
  );
  const tolokaCalls = counter(
    'toloka_calls_total',
    'HTTP requests to Toloka, tries and pages included; POST archives',
    'environment',
    'method',
    'outcome',
  );
  const tolokaSeconds = histogram(
    'toloka_call_seconds',
    'Time that an HTTP request to Toloka takes',
    CALL_SECONDS,
    'environment',
    'method',
    'resource',
  );
  const slackCalls = counter('slack_calls_total', 'Calls to Slack’s Web API', 'method', 'outcome');
  const slackSeconds = histogram(
    'slack_call_seconds',
    'Time that a call to Slack’s Web API takes',
    CALL_SECONDS,
    'method',
  );

  const ready = gauge('ready', 'Whether /readyz returns 200');
  const journalUp = gauge('journal_up', 'Whether the journal answers');
  const openRequests = gauge('open_requests', 'Requests that may still change their training', 'state');
  const dueRequests = gauge('due_requests', 'Requests whose next step or card is due');
  const dueAge = gauge('oldest_due_age_seconds', 'For how long the oldest of them has been due');
  const leased = gauge('leased_requests', 'Requests that a process works on');
  const cardAge = gauge(
    'oldest_unpublished_card_age_seconds',
    'For how long the oldest card that is not up to date has not been',
  );
  const watches = gauge('open_watches', 'Notices of trainings that can be archived for which people wait');
  const paused = gauge('paused', 'Whether archiving is paused');
  const sockets = gauge('slack_sockets', 'Connections of this process to Slack (Socket Mode)', 'state');
  const ahead = gauge(
    'toloka_clock_ahead_seconds',
    'How far the clock of this machine is ahead of Toloka’s, at least; for a minute after each answer',
    'environment',
  );

  // There at 0 first: Prometheus doesn't see the increase that makes a series.
  for (const kind of COMMAND_KINDS) commands.inc({ kind }, 0);
  for (const code of [...DENIAL_REASONS, ...BLOCKERS, 'not_in_channel']) denials.inc({ code }, 0);
  for (const kind of ACK_KINDS) acks.zero({ kind });
  for (const method of CALLED_METHODS)
    for (const outcome of ['ok', 'ratelimited', 'unanswered', 'unreadable'])
      slackCalls.inc({ method, outcome }, 0);
  for (const environment of environments) {
    toPost.zero({ environment });
    for (const outcome of ['succeeded', 'failed', 'refused', 'not_started'])
      toEnd.zero({ environment, outcome });
    for (const event of EVENT_KINDS) events.inc({ environment, event }, 0);
    for (const method of ['GET', 'POST'])
      for (const outcome of ['ok', ...TOLOKA_ERROR_KINDS])
        tolokaCalls.inc({ environment, method, outcome }, 0);
  }

  const codes = new Set<string>();
  /** A code in small letters, as all of ours and Slack's are. No ID is one. */
  function codeLabel(code: string): string {
    if (!/^[a-z][a-z_]{0,60}$/.test(code) || (codes.size >= MOST_CODES && !codes.has(code))) return 'other';
    codes.add(code);
    return code;
  }

  function countChange(request: ArchiveRequest, event: EventKind): void {
    const { environment, releasedAt, submittedAt, finishedAt, state } = request;
    events.inc({ environment, event });
    if (releasedAt === null) return;
    const since = (at: number) => Math.max(0, at - releasedAt) / 1000;
    if (event === 'submitting' && submittedAt !== null) toPost.observe({ environment }, since(submittedAt));
    if (finishedAt !== null && !isOpen(state))
      toEnd.observe({ environment, outcome: state }, since(finishedAt));
  }

  return {
    registry,

    countCommand: (kind: (typeof COMMAND_KINDS)[number]) => commands.inc({ kind }),

    /** The same journal, whose changes and denials are counted. */
    watchJournal: (journal: Journal): Journal => ({
      ...journal,
      async create(request) {
        const created = await journal.create(request);
        countChange(created, 'asked');
        return created;
      },
      async advance(fence, change) {
        const request = await journal.advance(fence, change);
        countChange(request, change.kind);
        return request;
      },
      async deny(denial) {
        denials.inc({ code: codeLabel(denial.code) });
        await journal.deny(denial);
      },
    }),

    slackAck: (({ kind, seconds }) => acks.observe({ kind }, seconds)) satisfies OnAck,

    slackCall: (({ method, outcome, seconds }) => {
      slackSeconds.observe({ method }, seconds);
      slackCalls.inc({ method, outcome: codeLabel(outcome) });
    }) satisfies OnCall,

    tolokaCall:
      (environment: string): OnExchange =>
      ({ method, resource, outcome, seconds }) => {
        tolokaSeconds.observe({ environment, method, resource }, seconds);
        tolokaCalls.inc({ environment, method, outcome });
      },

    /** All metrics as text. Without the journal, those that come from it are left out. */
    async text(observed: Observed): Promise<string> {
      const now = clock.now();
      const { journal } = observed;
      const [isReady, stored] = await Promise.all([
        inTime(observed.ready()),
        inTime(Promise.all([journal.workload(now), journal.pause()])),
      ]);
      const [work, pause] = stored ?? [];
      const age = (at: number | null) => (at === null ? 0 : Math.max(0, now - at) / 1000);
      show(ready, isReady ? 1 : 0);
      show(journalUp, work ? 1 : 0);
      show(dueRequests, work?.due);
      show(dueAge, work && age(work.oldestDueAt));
      show(leased, work?.leases);
      show(cardAge, work && age(work.oldestUnpublishedAt));
      show(watches, work?.watches);
      show(paused, work && (pause ? 1 : 0));
      showEach(openRequests, work ? OPEN_STATES.map((state) => [state, work.open[state] ?? 0]) : []);
      showEach(sockets, Object.entries(observed.sockets()));
      showEach(
        ahead,
        observed.clockAhead().map(([name, ms]) => [name, ms && ms / 1000]),
      );
      return registry.metrics();
    },

    contentType: registry.contentType,
  };
}

/** Undefined when it fails or takes too long. */
const inTime = <Value>(asked: Promise<Value>): Promise<Value | undefined> =>
  Promise.race([asked.catch(() => undefined), wait(ASK_MS, undefined, { ref: false })]);

/** Sets a gauge. What is not known now is left out, instead of shown as it was. */
function show(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

/** The same for each value of the gauge's label. */
function showEach<L extends string>(gauge: Gauge<L>, values: [string, number | null][]): void {
  gauge.reset();
  for (const [name, value] of values) if (value !== null) gauge.labels(name).set(value);
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Deps, Environment, Journal, Toloka } from './archive/ports';
import { type ArchiveRequest, isOpen, OPEN_STATES } from './archive/request';

const PREFIX = 'toloka_archive_';
const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const ARCHIVE_SECONDS = [0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86_400];
/** A label value is a word of ours or of Slack's API. Anything else, such as an ID, is counted as `other`. */
const WORD = /^[a-zA-Z][a-zA-Z_.]{0,60}$/;
const label = (word: string): string => (WORD.test(word) ? word : 'other');

/** What is read when somebody asks for the metrics. */
export interface Observed {
  journal: Pick<Journal, 'workload' | 'pause'>;
  ready: () => Promise<boolean>;
  /** Null in HTTP mode. */
  socketConnected: () => boolean | null;
  /** By environment, in ms. */
  clockAhead: () => ReadonlyMap<string, number>;
}

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * The metrics of this process in Prometheus's format. No label holds an ID or a name.
 * @see docs/operations.md, "Metrics"
 */
export function createMetrics(clock: { now(): number }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: PREFIX });

  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[], ...labelNames: string[]) =>
    new Histogram({ name: `${PREFIX}${name}`, help, labelNames, buckets, registers });

  const commands = counter('commands_total', 'Commands, by what they ask for', 'kind');
  const denials = counter('denials_total', 'Clicks and commands that were denied or changed nothing', 'code');
  const events = counter('request_events_total', 'Changes of requests', 'event');
  const toPost = histogram(
    'confirm_to_post_seconds',
    'From the confirmation, or the last approval, to the intent to send the POST',
    CALL_SECONDS,
  );
  const toEnd = histogram(
    'confirm_to_end_seconds',
    'From the confirmation to the end',
    ARCHIVE_SECONDS,
    'outcome',
  );
  const tolokaCalls = counter('toloka_calls_total', 'Calls to Toloka', 'environment', 'call', 'outcome');
  const tolokaSeconds = histogram(
    'toloka_call_seconds',
    'How long calls to Toloka took, tries included',
    CALL_SECONDS,
    'environment',
    'call',
  );
  const slackCalls = counter('slack_calls_total', 'Calls to Slack’s Web API', 'method', 'outcome');
  const slackSeconds = histogram(
    'slack_call_seconds',
    'How long calls to Slack took',
    CALL_SECONDS,
    'method',
  );
  const open = gauge('open_requests', 'Requests that may still change their training', 'state');
  const due = gauge('due_requests', 'Requests whose next step or card is due');
  const dueAge = gauge('oldest_due_age_seconds', 'For how long the oldest of them has been due');
  const leases = gauge('leases', 'Requests that a worker holds');
  const cardAge = gauge(
    'oldest_unpublished_card_age_seconds',
    'For how long a card has not shown what happened',
  );
  const ready = gauge('ready', 'Whether /readyz says that the app can do its work');
  const connected = gauge('slack_connected', 'Whether Slack’s socket is connected (Socket Mode)');
  const ahead = gauge(
    'toloka_clock_ahead_seconds',
    'How far this clock is ahead of Toloka’s, as far as it is known',
    'environment',
  );
  const paused = gauge('paused', 'Whether archiving is paused');

  function countChange(before: string, request: ArchiveRequest, event: string): void {
    events.inc({ event });
    const { confirmedAt, releasedAt, submittedAt, finishedAt, state } = request;
    if (event === 'submitting' && releasedAt !== null && submittedAt !== null)
      toPost.observe(Math.max(0, submittedAt - releasedAt) / 1000);
    if (before !== state && !isOpen(state) && confirmedAt !== null && finishedAt !== null)
      toEnd.observe({ outcome: state }, Math.max(0, finishedAt - confirmedAt) / 1000);
  }

  function watchJournal(journal: Journal): Journal {
    return {
      ...journal,
      async advance(fence, change) {
        const request = await journal.advance(fence, change);
        countChange('', request, change.kind);
        return request;
      },
      async deny(denial) {
        denials.inc({ code: label(denial.code) });
        await journal.deny(denial);
      },
    };
  }

  /** Toloka's calls never throw for what Toloka does, so the outcome is in the answer. */
  function watchToloka({ name: environment, toloka }: Environment): Environment {
    const watched = Object.entries(toloka).map(([call, method]) => {
      if (typeof method !== 'function' || call === 'close') return [call, method];
      return [
        call,
        async (...given: unknown[]) => {
          const stop = tolokaSeconds.startTimer({ environment, call });
          const answer = await (method as (...given: unknown[]) => Promise<Answer>)(...given);
          stop();
          tolokaCalls.inc({ environment, call, outcome: outcomeOf(answer) });
          return answer;
        },
      ];
    });
    return { name: environment, toloka: Object.fromEntries(watched) as Toloka };
  }

  return {
    countCommand: (kind: string) => commands.inc({ kind: label(kind) }),

    /** The same, counted. */
    watchDeps: (deps: Deps): Deps => ({
      ...deps,
      journal: watchJournal(deps.journal),
      environments: new Map([...deps.environments].map(([name, one]) => [name, watchToloka(one)])),
    }),

    /** @param outcome `ok`, Slack's error code, or why there was no answer */
    slackCall(method: string, outcome: string, seconds: number): void {
      slackSeconds.observe({ method: label(method) }, seconds);
      slackCalls.inc({ method: label(method), outcome: label(outcome) });
    },

    /** All metrics as text. */
    async text(observed: Observed): Promise<string> {
      const now = clock.now();
      const [work, pause, isReady] = await Promise.all([
        observed.journal.workload(now),
        observed.journal.pause(),
        observed.ready(),
      ]);
      const age = (at: number | null) => (at === null ? 0 : Math.max(0, now - at) / 1000);
      for (const state of OPEN_STATES) open.set({ state }, work.open[state] ?? 0);
      due.set(work.due);
      dueAge.set(age(work.oldestDueAt));
      leases.set(work.leases);
      cardAge.set(age(work.oldestUnpublishedAt));
      paused.set(pause === null ? 0 : 1);
      ready.set(isReady ? 1 : 0);
      const isConnected = observed.socketConnected();
      if (isConnected !== null) connected.set(isConnected ? 1 : 0);
      for (const [environment, ms] of observed.clockAhead()) ahead.set({ environment }, ms / 1000);
      return registry.metrics();
    },

    contentType: registry.contentType,
  };
}

interface Answer {
  kind: string;
  why?: { code: string };
  outcome?: { code: string };
}

/** The kind of the answer, or why there was none, as far as it is one of our own words. */
function outcomeOf({ kind, why, outcome }: Answer): string {
  const code = why?.code ?? outcome?.code ?? '';
  return code === 'rate_limited' || code.startsWith('toloka_') ? code : label(kind);
}

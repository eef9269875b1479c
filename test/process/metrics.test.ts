import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createMetrics, type Observed } from '../../src/metrics';
import { CALLED_METHODS } from '../../src/slack/calls';
import { connectApprovals } from '../support/approvals';
import { type ConnectedHarness, connectHarness } from '../support/harness';

const { ready, open } = DEMO_TRAININGS;

/** The value of a series such as `paused` or `denials_total{code="bad_id"}`. Undefined when there is none. */
function value(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`toloka_archive_${series} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('the metrics of the app', () => {
  let harness: ConnectedHarness;
  beforeEach(async () => {
    harness = await connectHarness();
  });
  afterEach(() => harness.close());
  const text = () => harness.app.metricsText();

  it('count what people do, what Slack and Toloka answer, and what is open, without an ID or a name', async () => {
    await harness.ask(open.id);
    await harness.alice.close();
    await harness.alice.command('nonsense', { channel: 'C01GENERAL' });
    const { id } = await harness.archive(ready.id);
    const during = await text();
    expect(value(during, 'commands_total{kind="ask"}')).toBe(1);
    expect(value(during, 'commands_total{kind="wrong"}')).toBe(1);
    expect(value(during, 'denials_total{code="unknown_command"}')).toBe(1);
    const acks = (kind: string) => value(during, `ack_seconds_count{kind="${kind}"}`);
    expect(['command', 'view_submission'].map(acks)).toEqual([2, 0]);
    const production = 'environment="production"';
    for (const event of ['asked', 'confirmed', 'submitting', 'accepted'])
      expect(value(during, `request_events_total{${production},event="${event}"}`)).toBe(1);
    expect(value(during, `confirm_to_post_seconds_count{${production}}`)).toBe(1);
    expect(value(during, `toloka_calls_total{${production},method="POST",outcome="ok"}`)).toBe(1);
    const seconds = `toloka_call_seconds_count{${production},method="GET",resource="trainings"}`;
    expect(value(during, seconds)).toBeGreaterThan(0);
    expect(value(during, 'slack_calls_total{method="chat.postMessage",outcome="ok"}')).toBe(1);
    // The app's own connections are opened by a call too.
    expect(value(during, 'slack_calls_total{method="apps.connections.open",outcome="ok"}')).toBeGreaterThan(
      0,
    );
    expect(value(during, 'open_requests{state="running"}')).toBe(1);
    expect(value(during, 'slack_sockets{state="serving"}')).toBeGreaterThan(0);
    expect(value(during, `toloka_clock_ahead_seconds{${production}}`)).toBe(0);
    expect(['ready', 'journal_up', 'paused'].map((name) => value(during, name))).toEqual([1, 1, 0]);
    await harness.settle(id);
    const after = await text();
    expect(value(after, `confirm_to_end_seconds_count{${production},outcome="succeeded"}`)).toBe(1);
    expect(value(after, 'open_requests{state="running"}')).toBe(0);
    expect(value(after, 'oldest_unpublished_card_age_seconds')).toBe(0);
    for (const secret of [id, ready.id, 'U01ALICE', 'C01GENERAL', 'T0TEAM', 'nonsense'])
      expect(after).not.toContain(secret);
  });

  it('count each 429 of Toloka, also when the next try succeeds', async () => {
    harness.account.faults.add({ fault: { kind: 'status', status: 429 }, times: 1 });
    expect(await harness.ask(ready.id)).toContain('Archive');
    const series = 'toloka_calls_total{environment="production",method="GET",outcome="rate_limited"}';
    expect(value(await text(), series)).toBe(1);
  });

  it('show a pause, and for how long a card has not been up to date', async () => {
    const { clock, journal, workspace } = harness;
    const { id } = await harness.archive(ready.id);
    await journal.setPause({
      ...{ kind: 'paused', user: 'U02BOB', reason: 'a migration', at: clock.now() },
      ...{ team: 'T0TEAM', channel: 'C01GENERAL' },
    });
    const fault = workspace.faults.add({ kind: 'status', method: 'chat.update', times: 1_000 });
    const from = clock.now();
    for (; clock.now() < from + 600_000; clock.advance(5_000)) await harness.app.worker.tick();
    const shown = await text();
    expect(value(shown, 'paused')).toBe(1);
    expect(value(shown, 'oldest_unpublished_card_age_seconds')).toBeGreaterThan(500);
    workspace.faults.remove(fault);
    await harness.settle(id);
    expect(value(await text(), 'oldest_unpublished_card_age_seconds')).toBe(0);
  });

  it('do not name Toloka’s clock once nothing was heard of it for a minute', async () => {
    await harness.ask(ready.id);
    harness.clock.advance(61_000);
    expect(value(await text(), 'toloka_clock_ahead_seconds{environment="production"}')).toBeUndefined();
  });
});

it('do not count the time that approvers take', async () => {
  const harness = await connectApprovals();
  const { bob, app, click, close, later, request } = harness;
  await request(ready.id);
  await later(3);
  await click(bob, 'Approve');
  await later();
  const text = await app.metricsText();
  await close();
  const all = 'environment="production"';
  expect(value(text, `confirm_to_post_seconds_bucket{le="60",${all}}`)).toBe(1);
  expect(value(text, `confirm_to_end_seconds_bucket{le="60",${all},outcome="succeeded"}`)).toBe(1);
});

describe('a scrape', () => {
  const work = {
    open: { running: 2 },
    due: 3,
    oldestDueAt: 1_000,
    oldestUnpublishedAt: 4_000,
    leases: 1,
    watches: 7,
  };
  const good: Observed = {
    journal: { workload: async () => work, pause: async () => null },
    ready: async () => true,
    sockets: () => ({ opening: 0, serving: 2, ending: 0 }),
    clockAhead: () => [['production', -1_500]],
  };
  const OF_THE_JOURNAL = [
    'open_requests{state="running"}',
    'due_requests',
    'oldest_due_age_seconds',
    'leased_requests',
    'oldest_unpublished_card_age_seconds',
    'open_watches',
    'paused',
  ];
  const metrics = createMetrics({ clock: { now: () => 10_000 }, environments: ['production'] });

  it('shows what is known', async () => {
    const text = await metrics.text(good);
    expect(OF_THE_JOURNAL.map((name) => value(text, name))).toEqual([2, 3, 9, 1, 6, 7, 0]);
    expect(value(text, 'open_requests{state="unknown"}')).toBe(0);
    expect(value(text, 'slack_sockets{state="serving"}')).toBe(2);
    expect(value(text, 'toloka_clock_ahead_seconds{environment="production"}')).toBe(-1.5);
  });

  it.each<[string, () => Promise<never>]>([
    ['fails', () => Promise.reject(new Error('no database'))],
    ['does not answer', () => new Promise(() => {})],
  ])('leaves out what comes from the journal when that %s, instead of what it was', async (_what, ask) => {
    await metrics.text(good);
    const text = await metrics.text({ ...good, journal: { ...good.journal, workload: ask }, ready: ask });
    expect([value(text, 'journal_up'), value(text, 'ready')]).toEqual([0, 0]);
    expect(OF_THE_JOURNAL.map((name) => value(text, name))).toEqual(OF_THE_JOURNAL.map(() => undefined));
    expect(value(text, 'slack_sockets{state="serving"}')).toBe(2);
    expect(text).toContain('process_cpu_seconds_total ');
    const again = await metrics.text(good);
    expect([value(again, 'journal_up'), value(again, 'due_requests')]).toEqual([1, 3]);
  });

  it('shows no socket in HTTP mode, where there is none to be missing', async () => {
    const text = await metrics.text({ ...good, sockets: () => ({}) });
    expect(text).not.toMatch(/^toloka_archive_slack_sockets\{/m);
  });
});

describe('the names and labels', () => {
  const metrics = createMetrics({ clock: { now: () => 0 }, environments: ['production'] });
  const all = metrics.registry.getMetricsAsArray();

  it('follow the conventions of Prometheus', () => {
    const own = all.filter(({ name }) => name.startsWith('toloka_archive_'));
    expect(own.length).toBeGreaterThan(15);
    expect(all.filter(({ name }) => !/^(toloka_archive|process|nodejs)_[a-z0-9_]+$/.test(name))).toEqual([]);
    for (const { name, help, type } of own) {
      expect([name, name.endsWith('_total')]).toEqual([name, String(type) === 'counter']);
      if (String(type) === 'histogram') expect(name).toMatch(/_seconds$/);
      expect([name, /^[A-Z].+[^.]$/.test(help)]).toEqual([name, true]);
    }
  });

  it('are there at 0 before the first change and the first error', async () => {
    const text = await metrics.registry.metrics();
    const production = 'environment="production"';
    expect(value(text, `request_events_total{${production},event="refused"}`)).toBe(0);
    const refused = `toloka_calls_total{${production},method="GET",outcome="authentication"}`;
    expect(value(text, refused)).toBe(0);
    expect(value(text, `confirm_to_end_seconds_count{${production},outcome="succeeded"}`)).toBe(0);
    for (const kind of ['ask', 'pick', 'wrong'])
      expect(value(text, `commands_total{kind="${kind}"}`)).toBe(0);
    for (const code of ['not_allowed', 'own_request', 'not_closed', 'not_in_channel', 'bad_id'])
      expect(value(text, `denials_total{code="${code}"}`)).toBe(0);
    for (const kind of ['command', 'view_submission'])
      expect(value(text, `ack_seconds_count{kind="${kind}"}`)).toBe(0);
    for (const outcome of ['ok', 'ratelimited', 'unanswered', 'unreadable'])
      expect(value(text, `slack_calls_total{method="chat.update",outcome="${outcome}"}`)).toBe(0);
  });

  it('are there at 0 for each method that the app calls, and for no other', async () => {
    const calls = ['handlers', 'slack'].flatMap((room) => {
      const directory = join(__dirname, '..', '..', 'src', room);
      const files = readdirSync(directory).filter((file) => file !== 'inspection.ts' && file !== 'calls.ts');
      return files.flatMap((file) => [
        ...readFileSync(join(directory, file), 'utf8').matchAll(
          /(?:\bclient\.|')((?:apps|auth|chat|conversations|usergroups|views)(?:\.\w+)+)(?=\(|')/g,
        ),
      ]);
    });
    const methods = calls.map(([, method = '']) => method);
    // Slack's own package opens the connections of Socket Mode.
    const called = new Set([...methods, 'apps.connections.open', 'response_url']);
    expect([...CALLED_METHODS].sort()).toEqual([...called].sort());
  });

  it('hold no ID, no address and no more codes than a hundred, whatever Slack answers', async () => {
    const strange = ['U01ALICE', 'UALICEALICE', 'ab1', 'two words', '', 'x'.repeat(90)];
    for (const outcome of strange) metrics.slackCall({ method: 'auth.test', outcome, seconds: 0.1 });
    const letters = [...'abcdefghijklmnopqrst'];
    for (const a of letters)
      for (const b of letters)
        metrics.slackCall({ method: 'auth.test', outcome: `new_${a}${b}`, seconds: 0.1 });
    const text = await metrics.registry.metrics();
    const series = text.split('\n').filter((line) => line.startsWith('toloka_archive_slack_calls_total{'));
    const ofMethod = series.filter((line) => line.includes('method="auth.test"'));
    // Four were there at 0.
    expect(ofMethod).toHaveLength(4 + 100 + 1);
    expect(value(text, 'slack_calls_total{method="auth.test",outcome="other"}')).toBe(6 + 300);
  });
});

import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type ConnectedHarness, connectHarness } from '../support/harness';

let harness: ConnectedHarness;
afterEach(() => harness.close());

const value = (text: string, name: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`toloka_archive_${name} `))
      ?.split(' ')
      .at(-1),
  );

it('counts what people do, what Slack and Toloka answer, and what is open, without an ID or a name', async () => {
  harness = await connectHarness();
  await harness.ask(DEMO_TRAININGS.open.id);
  await harness.alice.close();
  await harness.alice.command('nonsense', { channel: 'C01GENERAL' });
  const { id } = await harness.archive(DEMO_TRAININGS.ready.id);
  const text = await harness.app.metricsText();
  expect(value(text, 'commands_total{kind="ask"}')).toBe(1);
  expect(value(text, 'commands_total{kind="wrong"}')).toBe(1);
  expect(value(text, 'denials_total{code="bad_id"}')).toBe(1);
  expect(value(text, 'request_events_total{event="submitting"}')).toBe(1);
  expect(value(text, 'confirm_to_post_seconds_count')).toBe(1);
  expect(value(text, 'toloka_calls_total{environment="production",call="archive",outcome="accepted"}')).toBe(
    1,
  );
  expect(value(text, 'slack_calls_total{method="chat.postMessage",outcome="ok"}')).toBeGreaterThan(0);
  expect(value(text, 'open_requests{state="running"}')).toBe(1);
  expect(value(text, 'slack_connected')).toBe(1);
  expect(value(text, 'ready')).toBe(1);
  expect(value(text, 'paused')).toBe(0);
  await harness.settle(id);
  const after = await harness.app.metricsText();
  expect(value(after, 'confirm_to_end_seconds_count{outcome="succeeded"}')).toBe(1);
  expect(value(after, 'open_requests{state="running"}')).toBe(0);
  for (const secret of [id, DEMO_TRAININGS.ready.id, 'U01ALICE', 'C01GENERAL', 'nonsense'])
    expect(after).not.toContain(secret);
});

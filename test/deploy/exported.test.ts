import { read } from './dockerfile';
import { exportedValues, OWN, problemsOf, textOf } from './exported';

it.each([
  ['sum by (event) (rate(toloka_archive_request_events_total{event="failed"}[5m]))', []],
  ['histogram_quantile(0.9, sum by (le) (rate(toloka_archive_slack_call_seconds_bucket[5m])))', []],
  ['max by (instance) (process_resident_memory_bytes{job=~"x|y"})', []],
  ['sum(toloka_archive_ready', ['syntax, at character 24']],
  ['toloka_archive_readi > 0', ['metric toloka_archive_readi']],
  ['toloka_archive_ready{state="x"}', ['label state of toloka_archive_ready']],
  [
    'toloka_archive_open_requests{state=~"running|gone"}',
    ['value gone of state of toloka_archive_open_requests'],
  ],
  ['sum by (kind) (toloka_archive_denials_total)', ['label kind']],
])('the check of queries knows what is wrong with %s', async (query, problems) => {
  expect(problemsOf(query, await exportedValues())).toEqual(problems);
});

describe('the table of metrics in docs/operations.md', () => {
  const rows = [
    ...read('docs/operations.md').matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \| (\w+) \| (.*) \|$/gm),
  ].map(([, name, type, labels = '', from, meaning]) => ({
    name: `toloka_archive_${name}`,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    from,
    meaning,
  }));

  it('has every metric of the code once, with its type and labels', () => {
    expect(rows.map(({ name, type, labels }) => ({ name, type, labels }))).toEqual(OWN);
  });

  it('says which of them are absent when the journal does not answer', async () => {
    const namesIn = (text: string) =>
      new Set([...text.matchAll(/^(toloka_archive_\w+)[ {]/gm)].map(([, name]) => name));
    const [idle, down] = [namesIn(await textOf('idle')), namesIn(await textOf('down'))];
    const absent = [...idle].filter((name) => !down.has(name));
    expect(absent.length).toBeGreaterThan(3);
    expect(rows.filter(({ from }) => from === 'journal').map(({ name }) => name)).toEqual(absent);
  });
});

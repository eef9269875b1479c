import type { Verdict } from './judge';
import type { Played, Scenario } from './scenario';

/** What happened in one scenario, for people. */
export function table(
  scenario: Scenario,
  { evidence, hits, loadMs, quietMs }: Played,
  verdict: Verdict,
): string {
  const { requests, posts, acts, lives, connections } = evidence;
  const kills = lives.filter(({ killedAt }) => killedAt !== null).length;
  const stops = lives.reduce((sum, life) => sum + life.stops.length, 0);
  const cuts = connections.filter(({ cutAt }) => cutAt !== null).length;
  const rows: [string, string | number][] = [
    [
      'acts of people',
      `${acts.length} (${acts.filter(({ acked }) => !acked).length} not acknowledged in time)`,
    ],
    ['requests', requests.length],
    ['  by end', counted(requests.map(({ state }) => state))],
    [
      '  for a training that had one before',
      requests.length - new Set(requests.map((one) => one.trainingId)).size,
    ],
    ['batches', batchesOf(requests)],
    ['modals', counted(acts.flatMap(({ response }) => response ?? []))],
    ['pauses', evidence.pauses.filter(({ kind }) => kind === 'paused').length],
    ['denials', counted(evidence.denials.map(({ code }) => code))],
    ['archive POSTs', `${posts.length} (${posts.filter((post) => post.operationId).length} started one)`],
    [
      'withdrawn, in a pause',
      [eventsOf(evidence, 'withdrawn'), eventsOf(evidence, 'withdrawn', 'confirmed')].join(', '),
    ],
    ['outcomes unknown at first', eventsOf(evidence, 'outcome_unknown')],
    ['late evidence', eventsOf(evidence, 'late_evidence')],
    ['kills, stops, cuts', [kills, stops, cuts].join(', ')],
    ['faults', Object.values(hits).reduce((sum, n) => sum + n, 0)],
    ...Object.entries(hits).map(([name, n]): [string, number] => [`  ${name}`, n]),
    ['acts excused', `${(verdict.excusedShare * 100).toFixed(1)} %`],
    ...Object.entries(verdict.excused).map(([why, n]): [string, number] => [`  ${why}`, n]),
    ['answers seen', counted(acts.flatMap(({ kind, saw }) => (saw ? [`${kind}: ${saw.how}`] : [])))],
    ['texts with a hostile name', evidence.hostile.length],
    ['load, then until quiet', `${seconds(loadMs)}, ${seconds(quietMs)}`],
    ['broken promises', verdict.violations.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return [`\n${scenario.name}`, ...rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`)].join('\n');
}

const eventsOf = ({ requests }: Played['evidence'], kind: string, from?: string): number =>
  requests
    .flatMap(({ events }) => events)
    .filter((event) => event.kind === kind && (from === undefined || event.from === from)).length;

/** How many batches of each size. */
function batchesOf(requests: Played['evidence']['requests']): string {
  const batches = new Set(requests.flatMap(({ batch }) => batch ?? []));
  return counted([...batches].map((id) => `of ${requests.filter(({ batch }) => batch === id).length}`));
}

function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([name, n]) => `${n} ${name}`).join(', ') || 'none';
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

import type { Verdict } from './judge';
import type { Played, Scenario } from './scenario';

/** What happened in one scenario, for people. */
export function table(
  scenario: Scenario,
  { evidence, hits, loadMs, quietMs }: Played,
  verdict: Verdict,
): string {
  const { requests, posts, acts, disturbances } = evidence;
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
    ['refusals', counted(evidence.refusals.map(({ code }) => code))],
    ['archive POSTs', `${posts.length} (${posts.filter((post) => post.operationId).length} started one)`],
    ['outcomes unknown at first', eventsOf(evidence, 'outcome_unknown')],
    ['late evidence', eventsOf(evidence, 'late_evidence')],
    ['disturbances', counted(disturbances.map(({ kind }) => kind))],
    ['faults', Object.values(hits).reduce((sum, n) => sum + n, 0)],
    ...Object.entries(hits).map(([name, n]): [string, number] => [`  ${name}`, n]),
    ['commands whose answer was lost to a kill', verdict.excused.commandsLostToKills],
    ['confirmations lost to a kill, nothing sent', verdict.excused.submitsLostToKills],
    ['acts that met a fault, and were told', verdict.excused.faultsTold],
    ['acts that met a fault, only logged', verdict.excused.untold],
    ['load, then until quiet', `${seconds(loadMs)}, ${seconds(quietMs)}`],
    ['broken promises', verdict.violations.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return [`\n${scenario.name}`, ...rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`)].join('\n');
}

const eventsOf = ({ requests }: Played['evidence'], kind: string): number =>
  requests.flatMap(({ events }) => events).filter((event) => event.kind === kind).length;

function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([name, n]) => `${n} ${name}`).join(', ') || 'none';
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

import { parser } from '@prometheus-io/lezer-promql';
import { createMetrics } from '../../src/metrics';

/** What Prometheus itself adds to each series. */
const SCRAPED = ['job', 'instance'];

const metrics = createMetrics({ clock: { now: () => 0 }, environments: ['production'] });

/** The labels of each series that the code exports, by its name. */
const EXPORTED = new Map<string, readonly string[]>(
  metrics.registry.getMetricsAsArray().flatMap((metric): [string, readonly string[]][] => {
    const { name, type, labelNames = [] } = metric as typeof metric & { labelNames?: string[] };
    if (String(type) !== 'histogram') return [[name, labelNames]];
    return [
      [`${name}_bucket`, [...labelNames, 'le']],
      [`${name}_sum`, labelNames],
      [`${name}_count`, labelNames],
    ];
  }),
);

/** The metrics of the app itself: their names, kinds and labels. */
export const OWN = metrics.registry
  .getMetricsAsArray()
  .filter(({ name }) => name.startsWith('toloka_archive_'))
  .map((metric) => {
    const { name, type, labelNames = [] } = metric as typeof metric & { labelNames?: string[] };
    return { name, type: String(type), labels: labelNames };
  });

/** All metrics as text, with those of a journal that has no requests, or without any of a journal. */
export const textOf = (journal: 'idle' | 'down'): Promise<string> =>
  metrics.text({
    journal: {
      workload: async () => {
        if (journal === 'down') throw new Error('no journal');
        return { open: {}, due: 0, oldestDueAt: null, oldestUnpublishedAt: null, leases: 0, watches: 0 };
      },
      pause: async () => null,
    },
    ready: async () => true,
    sockets: () => ({ opening: 0, serving: 0, ending: 0 }),
    clockAhead: () => [['production', 0]],
  });

/** The values that each label has from the start, by `metric label`. */
export async function exportedValues(): Promise<Map<string, Set<string>>> {
  const values = new Map<string, Set<string>>();
  for (const [, name, labels = ''] of (await textOf('idle')).matchAll(/^(\w+)\{(.*)\} /gm))
    for (const [, label, value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      const key = `${name} ${label}`;
      values.set(key, (values.get(key) ?? new Set()).add(value));
    }
  return values;
}

/** What is wrong with a query to Prometheus: its syntax, or a metric, label or value that the code does not export. */
export function problemsOf(query: string, values: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const problems: string[] = [];
  const known = new Set(SCRAPED);
  const grouped: string[] = [];
  let metric = '';
  let label = '';
  const tree = parser.parse(query);
  tree.iterate({
    enter(node) {
      const text = query.slice(node.from, node.to);
      const parent = node.node.parent?.name;
      if (node.type.isError) problems.push(`syntax, at character ${node.from}`);
      if (node.name === 'Identifier' && parent === 'VectorSelector') {
        metric = text;
        const labels = EXPORTED.get(metric);
        if (labels === undefined) problems.push(`metric ${metric}`);
        for (const one of labels ?? []) known.add(one);
      }
      if (node.name === 'LabelName' && parent === 'GroupingLabels') grouped.push(text);
      if (node.name === 'LabelName' && parent === 'UnquotedLabelMatcher') {
        label = text;
        if (![...(EXPORTED.get(metric) ?? []), ...SCRAPED].includes(label))
          problems.push(`label ${label} of ${metric}`);
      }
      if (node.name === 'StringLiteral' && parent === 'UnquotedLabelMatcher') {
        const named = values.get(`${metric} ${label}`);
        for (const value of text.slice(1, -1).split('|'))
          if (named?.has(value) === false) problems.push(`value ${value} of ${label} of ${metric}`);
      }
    },
  });
  return [...problems, ...grouped.filter((name) => !known.has(name)).map((name) => `label ${name}`)];
}

/** Whether the result of a query has this label: it groups by it first, or does not group. */
export function keepsLabel(query: string, label: string): boolean {
  const [, list] = /\bby \(([^)]*)\)/.exec(query) ?? [];
  return list === undefined || list.split(/,\s*/).includes(label);
}

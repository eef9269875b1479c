import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { read, root } from './dockerfile';
import { exportedValues, keepsLabel, problemsOf } from './exported';

const PATH = 'deploy/prometheus/alerts.yaml';
const DURATION = /^\d+[smhd]$/;

/** @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
const rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^TolokaArchive([A-Z][a-z]+)+$/),
          expr: z.string(),
          for: z.string().regex(DURATION).optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

const alerts = rules.parse(parse(read(PATH))).groups.flatMap((group) => group.rules);
const names = alerts.map(({ alert }) => alert);
const kebab = (name: string) => name.replaceAll(/\B[A-Z]/g, '-$&').toLowerCase();
/** As GitHub makes the anchor of a heading. */
const anchor = (heading: string) => heading.toLowerCase().replaceAll(' ', '-');

const [, section = ''] = /\n## Alerts\n([\s\S]*?)\n## /.exec(read('docs/operations.md')) ?? [];
const runbooks = new Map(
  section
    .split('\n### ')
    .slice(1)
    .map((text) => [anchor(text.split('\n')[0] ?? ''), text.split('\n').slice(1).join('\n').trim()]),
);

describe(PATH, () => {
  it('names each alert once', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(10);
  });

  it.each(alerts)('$alert asks only for what the code exports', async ({ expr, annotations }) => {
    expect(problemsOf(expr, await exportedValues())).toEqual([]);
    // A label that is not in the result would be shown as nothing.
    for (const [, label = ''] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
      expect([label, keepsLabel(expr, label)]).toEqual([label, true]);
  });

  it.each(alerts)('$alert has a section in docs/operations.md', ({ alert, annotations }) => {
    expect(annotations.runbook).toBe(`docs/operations.md#${kebab(alert)}`);
    expect(runbooks.get(kebab(alert))).toMatch(/^\S.{80,}/s);
  });

  it('is all that docs/operations.md has sections for, in the same order', () => {
    expect([...runbooks.keys()]).toEqual(names.map(kebab));
  });

  it('names in those sections only log lines that the app writes', () => {
    const quoted = [...section.replaceAll(/\s+/g, ' ').matchAll(/`([a-z]+(?: [a-z]+)+)`/g)].map(
      ([, line = '']) => line,
    );
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    const code = sources.map((path) => read(`src/${path}`)).join('\n');
    expect(quoted.length).toBeGreaterThan(2);
    expect(quoted.filter((line) => !line.startsWith('npm run') && !code.includes(`'${line}'`))).toEqual([]);
  });

  const promtool = spawnSync('promtool', ['--version']).error === undefined;
  (promtool ? it : it.skip)('is accepted by promtool', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', PATH], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });
});

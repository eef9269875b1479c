import Ajv from 'ajv';
import schema from '../fixtures/grafana-dashboard-13.schema.json';
import { read } from './dockerfile';
import { exportedValues, keepsLabel, OWN, problemsOf } from './exported';

const dashboard = JSON.parse(read('deploy/grafana/dashboard.json'));

interface Panel {
  id: number;
  type: 'row' | 'stat' | 'timeseries';
  title: string;
  description: string;
  gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
  datasource: object;
  targets: { expr: string; legendFormat?: string }[];
  fieldConfig: { defaults: { unit?: string } };
}
const all: Panel[] = dashboard.panels;
const panels = all.filter(({ type }) => type !== 'row');
/** What Grafana puts in. */
const queryOf = (expr: string) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.+');
const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

describe('deploy/grafana/dashboard.json', () => {
  it('follows the schema of Grafana, and that schema can reject a dashboard', () => {
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
    const validate = ajv.compile(schema);
    validate(dashboard);
    expect(validate.errors ?? []).toEqual([]);
    const [row, first, ...rest] = all;
    expect(validate({ ...dashboard, panels: [row, { ...first, descripton: '' }, ...rest] })).toBe(false);
  });

  it('works with any data source and job, which are chosen at the top', () => {
    const names = dashboard.templating.list.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['datasource', 'job']);
    for (const { datasource } of panels)
      expect(datasource).toEqual({ type: 'prometheus', uid: expect.stringMatching(/^\$\{datasource\}$/) });
    expect(queries.filter(({ expr }) => !expr.includes('{') || !expr.includes('job=~"$job"'))).toEqual([]);
    const [, job] = dashboard.templating.list;
    const [, metric = ''] = /^label_values\((\w+), job\)$/.exec(job.query) ?? [];
    expect(OWN.map(({ name }) => name)).toContain(metric);
    expect(dashboard.id ?? null).toBeNull();
  });

  it('groups its panels in rows, none over another, each with a title, a description and a unit', () => {
    expect(all[0]?.type).toBe('row');
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(all.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    expect(panels.filter(({ title, description }) => !title || !description)).toEqual([]);
    expect(panels.filter(({ fieldConfig }) => !fieldConfig.defaults.unit)).toEqual([]);
  });

  it.each(queries)('$title asks only for what the code exports: $expr', async ({ expr }) => {
    expect(problemsOf(queryOf(expr), await exportedValues())).toEqual([]);
  });

  it.each(panels)('$title shows only labels that its query keeps', ({ targets }) => {
    for (const { expr, legendFormat = '' } of targets)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect([expr, label, keepsLabel(expr, label)]).toEqual([expr, label, true]);
  });

  it('shows every metric of the app', () => {
    const shown = queries.map(({ expr }) => expr).join('\n');
    expect(OWN.map(({ name }) => name).filter((name) => !shown.includes(name))).toEqual([]);
  });
});

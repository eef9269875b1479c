import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path));
const yaml = (path: string) => parse(read(path));
const pkg = json('package.json');
const nodes: number[] = yaml('.github/workflows/ci.yml').jobs.check.strategy.matrix.node;

/** The majors in a phrase such as "20, 22, 24 and 26". */
const majorsIn = (text: string, before: string): number[] => {
  const [, list = ''] = new RegExp(`${before} ((?:\\d+(?:, | and |\\b))+)`).exec(text) ?? [];
  return (list.match(/\d+/g) ?? []).map(Number);
};

describe('the workflows', () => {
  it('test the Node versions that the documents name, from the oldest supported one on', () => {
    expect(majorsIn(read('README.md'), 'tested on')).toEqual(nodes);
    expect(majorsIn(read('CONTRIBUTING.md'), 'CI runs on Node')).toEqual(nodes);
    const [, floor] = /^>=(\d+)\./.exec(pkg.engines.node) ?? [];
    expect(nodes[0]).toBe(Number(floor));
    expect(nodes).toContain(Number(read('.nvmrc')));
  });

  it('run the one script that checks everything, also before a release', () => {
    const { check } = yaml('.github/workflows/ci.yml').jobs;
    expect(check.steps.map(({ run }: { run?: string }) => run)).toContain('.ci/run');
    expect(check.container).toContain('matrix.node');
    expect(statSync(join(root, '.ci/run')).mode & 0o111).not.toBe(0);
    const { jobs } = yaml('.github/workflows/release.yml');
    expect([jobs.check.uses, jobs.release.needs]).toEqual(['./.github/workflows/ci.yml', 'check']);
  });

  it('release.yml publishes exactly the section of the tag', () => {
    const { steps } = yaml('.github/workflows/release.yml').jobs.release;
    const { run } = steps.find(({ name = '' }: { name?: string }) => name.includes('changelog'));
    const directory = mkdtempSync(join(tmpdir(), 'release-'));
    const notesFor = (tag: string) => {
      const env = { ...process.env, GITHUB_REF_NAME: tag };
      const { status } = spawnSync('bash', ['-e', '-c', run], { cwd: directory, env });
      return [status, readFileSync(join(directory, 'notes.md'), 'utf8').trim()];
    };
    try {
      const sections = [
        '## [Unreleased]',
        'later',
        '## [1.2.3] - 2026-01-02',
        '### Added',
        '* this',
        '## [1.2.2]',
        'before',
      ];
      writeFileSync(join(directory, 'CHANGELOG.md'), sections.join('\n'));
      expect(notesFor('v1.2.3')).toEqual([0, '### Added\n* this']);
      expect(notesFor('v1.2')).toEqual([1, '']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('scripts of CI call only npm scripts that exist', () => {
    const called = [...read('.ci/run').matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(called.length).toBeGreaterThan(0);
    expect(called.filter((name) => !(name in pkg.scripts))).toEqual([]);
  });
});

describe('the templates', () => {
  it('of issues have what GitHub requires', () => {
    const files = readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter((file) => file !== 'config.yml');
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const { name, description, body } = yaml(`.github/ISSUE_TEMPLATE/${file}`);
      expect([typeof name, typeof description]).toEqual(['string', 'string']);
      const fields = body.filter(({ type }: { type: string }) => type !== 'markdown');
      const ids = fields.map(({ id }: { id?: string }) => id);
      expect(new Set(ids).size).toBe(fields.length);
      expect(
        fields.filter(({ attributes }: { attributes: { label?: string } }) => !attributes.label),
      ).toEqual([]);
    }
  });

  it('name npm scripts and settings that exist', () => {
    const text = ['ISSUE_TEMPLATE/bug_report.yml', 'pull_request_template.md']
      .map((file) => read(`.github/${file}`))
      .join();
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !(name in pkg.scripts))).toEqual([]);
  });
});

describe('the dependencies', () => {
  it('are exact, so that every install is the same', () => {
    const versions = Object.values<string>({ ...pkg.dependencies, ...pkg.devDependencies, ...pkg.overrides });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('run no install script, and npm asks nobody to review one', () => {
    const packages = Object.entries<{ hasInstallScript?: true }>(json('package-lock.json').packages);
    const names = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(names.length).toBeGreaterThan(0);
    expect(pkg.allowScripts).toEqual(Object.fromEntries(names.map((name) => [name, false])));
  });

  it('have overrides for which CONTRIBUTING.md gives the reason', () => {
    const [, section = ''] = read('CONTRIBUTING.md').split('## Dependencies');
    const explained = [...section.matchAll(/^\* `([^`]+)` (\S+) /gm)].map(([, name, version]) => [
      name,
      version,
    ]);
    expect(Object.fromEntries(explained)).toEqual(pkg.overrides);
  });

  it('are held back by Dependabot only where they are used', () => {
    const [npm] = yaml('.github/dependabot.yml').updates;
    const names = npm.ignore.map((rule: Record<string, string>) => rule['dependency-name']);
    expect(
      names.filter((name: string) => !(name in { ...pkg.dependencies, ...pkg.devDependencies })),
    ).toEqual([]);
  });
});

describe('the editors', () => {
  it('format as Biome does', () => {
    const { formatter } = json('biome.json');
    const [, everything = ''] = read('.editorconfig').split('[*]\n');
    expect(everything).toContain(
      `indent_style = ${formatter.indentStyle}\nindent_size = ${formatter.indentWidth}\n`,
    );
    expect(everything).toContain(`max_line_length = ${formatter.lineWidth}\n`);
  });

  it('debug programs that exist', () => {
    const { configurations } = json('.vscode/launch.json');
    expect(configurations.length).toBeGreaterThan(3);
    for (const { program, preLaunchTask } of configurations) {
      const path = program.replace(/^\$\{workspaceFolder\}\//, '');
      // What the build makes has a source.
      const source = path.replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
      expect([path, existsSync(join(root, source))]).toEqual([path, true]);
      const script = preLaunchTask?.replace('npm: ', '');
      if (script !== undefined) expect(pkg.scripts).toHaveProperty(script);
    }
  });
});

describe('CHANGELOG.md', () => {
  it('keeps the changes of the next version', () => {
    expect(read('CHANGELOG.md')).toMatch(/^## \[Unreleased\]$/m);
  });
});

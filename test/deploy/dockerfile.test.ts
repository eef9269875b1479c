import { readdirSync } from 'node:fs';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config';
import { environmentOf, execForm, finalStage, last, parseCopy, read, root, stages } from './dockerfile';
import { STOP_SECONDS, undocumented, unknownNames } from './settings';

const pkg = JSON.parse(read('package.json'));
const allInstructions = stages.flatMap(({ instructions }) => instructions);
const settings = loadConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TOLOKA_TOKEN: 't' });

describe('the Dockerfile', () => {
  it('uses one Node, which the README recommends, on the Debian of CI', () => {
    const images = [...new Set(stages.map(({ from }) => from))];
    expect(images).toEqual([`node:${read('.nvmrc').trim()}-bookworm-slim`]);
    const [, recommended = ''] = /Node\.js ([\d or]+) is recommended/.exec(read('README.md')) ?? [];
    expect(recommended.split(' or ')).toContain(read('.nvmrc').trim());
    const { container } = parse(read('.github/workflows/ci.yml')).jobs.check;
    expect(container).toMatch(/-bookworm$/);
  });

  it('starts the app as `npm start` does, without a shell', () => {
    expect(`exec ${execForm(finalStage, 'CMD').join(' ')}`).toBe(pkg.scripts.start);
  });

  it('keeps the journal in the volume, and knows only settings of the app', () => {
    const env = environmentOf(finalStage);
    expect(env['JOURNAL_PATH']).toMatch(new RegExp(`^${last(finalStage, 'VOLUME')}/[^/]+$`));
    expect(env['NODE_ENV']).toBe('production');
    expect(unknownNames(env)).toEqual([]);
  });

  it('exposes the port that the app serves, and asks it there whether it is ready', () => {
    expect(last(finalStage, 'EXPOSE')).toBe(String(settings.port));
    const [program, , script = ''] = execForm(finalStage, 'HEALTHCHECK');
    expect([program, script]).toEqual(['node', expect.stringContaining(`PORT || ${settings.port}}/readyz`)]);
    expect(read('src/process/health.ts')).toContain("'GET /readyz'");
  });

  it('ends as a user without rights, whose number Kubernetes can check', () => {
    expect(last(finalStage, 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(allInstructions.filter(({ text }) => text.includes('--chown'))).toEqual([]);
  });

  it('leaves tools, and packages of development, in the other stages', () => {
    const runs = finalStage.instructions.filter(({ name }) => name === 'RUN').map(({ text }) => text);
    expect(runs.filter((text) => /\bnpm (ci|run|i)\b|apt-get/.test(text))).toEqual([]);
    expect(runs.join('\n')).toMatch(/rm -rf .*\/usr\/local\/lib\/node_modules/);
    const copied = finalStage.instructions
      .filter(({ name }) => name === 'COPY')
      .map(({ text }) => parseCopy(text));
    const [modules] = copied.filter(({ target }) => target === 'node_modules');
    const origin = stages.find(({ name }) => name === modules?.from);
    expect(origin?.instructions.filter(({ name }) => name === 'RUN').map(({ text }) => text)).toEqual([
      'npm ci --omit=dev',
    ]);
  });

  it('is stopped by the signal that the app handles, in the time that the documents say', () => {
    expect(read('src/process/shutdown.ts')).toContain(`process.on('${last(finalStage, 'STOPSIGNAL')}'`);
    expect(undocumented(['Give it a minute', `--stop-timeout ${STOP_SECONDS} `])).toEqual([]);
  });
});

describe('.dockerignore', () => {
  const [everything, ...exceptions] = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('lets in what is copied, and nothing else', () => {
    const copied = allInstructions
      .filter(({ name }) => name === 'COPY')
      .map(({ text }) => parseCopy(text))
      .filter(({ from }) => from === undefined)
      .flatMap(({ sources }) => sources);
    expect(everything).toBe('*');
    expect(exceptions.sort()).toEqual([...new Set(copied)].map((source) => `!${source}`).sort());
    expect(copied.filter((source) => !readdirSync(root).includes(source))).toEqual([]);
  });
});

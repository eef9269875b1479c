import Ajv from 'ajv';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config';
import { postgresUrl } from '../../src/config/fields';
import schema from '../fixtures/compose-spec.schema.json';
import { environmentOf, finalStage, last, read } from './dockerfile';
import { STOP_SECONDS, unknownNames } from './settings';

const text = read('compose.yaml');
const compose = parse(text);
const { app, db } = compose.services;

describe('compose.yaml', () => {
  it('follows the schema of Compose, and that schema can reject a file', () => {
    const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...compose, services: { app: { ...app, cap_drops: ['ALL'] } } })).toBe(false);
  });

  it('runs the app with its settings from .env, but with the journal, address and port of the image', () => {
    expect([app.build, app.env_file, app.profiles]).toEqual(['.', '.env', undefined]);
    expect(unknownNames(app.environment)).toEqual([]);
    const fromFile = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', TOLOKA_TOKEN: 't' };
    const other = { JOURNAL_PATH: 'data/journal.db', HOST: '127.0.0.1', PORT: '80' };
    const { host, port, journalPath } = loadConfig({ ...fromFile, ...other, ...app.environment });
    const exposed = last(finalStage, 'EXPOSE');
    expect([host, String(port), journalPath]).toEqual([
      undefined,
      exposed,
      environmentOf(finalStage)['JOURNAL_PATH'],
    ]);
    expect(app.ports).toEqual([`127.0.0.1:${exposed}:${exposed}`]);
    expect(app.volumes).toEqual([`journal:${last(finalStage, 'VOLUME')}`]);
  });

  it('has a database in the profile postgres, and says how the app gets there', () => {
    expect(db.profiles).toEqual(['postgres']);
    expect(app.depends_on.db).toEqual({ condition: 'service_healthy', required: false });
    expect(text).toMatch(/^#\s+COMPOSE_PROFILES=postgres$/m);
    const [, url = ''] = /^#\s+DATABASE_URL=(\S+)$/m.exec(text) ?? [];
    const { protocol, username, hostname, port, pathname } = new URL(postgresUrl.parse(url));
    const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD_FILE } = db.environment;
    expect([protocol, username, hostname, port, pathname]).toEqual([
      'postgresql:',
      POSTGRES_USER,
      'db',
      '5432',
      `/${POSTGRES_DB}`,
    ]);
    const [secret] = db.secrets;
    expect(POSTGRES_PASSWORD_FILE).toBe(`/run/secrets/${secret}`);
    expect(text).toContain(`the password in the file ${compose.secrets[secret].file}`);
    expect(read('.gitignore')).toContain('\nsecrets/\n');
  });

  it.each(['app', 'db'])('gives the service %s no rights, and time to stop', (name) => {
    const service = compose.services[name];
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: `${STOP_SECONDS}s`,
      restart: 'unless-stopped',
    });
    expect(service.cap_add ?? service.privileged).toBeUndefined();
    expect(service.tmpfs).toContain('/tmp');
  });

  it('declares what it mounts', () => {
    const mounted = [app, db].flatMap(({ volumes }) => volumes.map((volume: string) => volume.split(':')[0]));
    expect(Object.keys(compose.volumes)).toEqual(mounted);
    expect(Object.keys(compose.secrets)).toEqual(db.secrets);
  });
});

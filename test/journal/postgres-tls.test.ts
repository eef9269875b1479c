import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { openJournal } from '../../src/journal/store';
import { type Certificate, type CertificateOptions, createCertificate } from '../support/certificates';
import { describePostgres, executeAt, ownServer } from './postgres-place';
import { PASSWORD } from './postgres-server';

const HOUR_MS = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const hosts = ['127.0.0.1'];
const root = createCertificate({ name: 'root' });
const between = createCertificate({ name: 'between', issuer: root });

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'postgres-tls-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A file of this content. */
function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function withParameters(url: string, parameters: Record<string, string>): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}

/** Why no journal can be opened there; null when it can. */
async function problemAt(databaseUrl: string): Promise<string | null> {
  try {
    const journal = await openJournal({ path: '', databaseUrl, timeoutMs: 5_000 });
    await journal.close();
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'journal_unavailable' });
    const all = inspect(error, { depth: 9, showHidden: true });
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), 'PRIVATE KEY-----']) {
      expect(all).not.toContain(secret);
    }
    return (error as Error).message;
  }
}

/** The parameters of the table in docs/operations.md, and the cells beside them. */
function documentedModes(): { mode: string; cells: string[] }[] {
  const operations = readFileSync(join(__dirname, '..', '..', 'docs', 'operations.md'), 'utf8');
  return [...operations.matchAll(/^\| ([^|]*) \|((?: (?:yes|no) \|){3})$/gm)].flatMap(
    ([, modes = '', cells = '']) =>
      modes.split(', ').map((mode) => ({
        mode: mode === 'none' ? '' : mode.replaceAll('`', ''),
        cells: cells.split('|').map((cell) => cell.trim()),
      })),
  );
}

async function hbaFile(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('show hba_file');
  await client.end();
  return rows[0].hba_file;
}

const TITLE = 'a journal on PostgreSQL with TLS';
const suite: Parameters<typeof describePostgres>[1] = (server) => {
  const trusted = () => ({ sslmode: 'verify-full', sslrootcert: file('root.pem', root.cert) });

  it('cannot be reached with TLS on a server without it, and says which settings there are', async () => {
    const problem = await problemAt(withParameters(server().url, { sslmode: 'require' }));
    expect(problem).toMatch(/does not support SSL.*ssl = on.*sslmode=disable in DATABASE_URL/);
  });

  it.each<[string, CertificateOptions, 'trusted' | 'unknown', RegExp]>([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', { hosts }, 'unknown', /PEM file.*sslrootcert of DATABASE_URL/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', { hosts, issuer: root }, 'unknown', /sslrootcert of DATABASE_URL/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', { hosts, issuer: between }, 'trusted', /intermediate certificates/],
    [
      'CERT_HAS_EXPIRED',
      { hosts, issuer: root, from: at(-2), until: at(-1) },
      'trusted',
      /Renew.*clock \(NTP\)/,
    ],
    ['CERT_NOT_YET_VALID', { hosts, issuer: root, from: at(1) }, 'trusted', /clock \(NTP\)/],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      { hosts: ['db.test'], issuer: root },
      'trusted',
      /host name.*DATABASE_URL/,
    ],
    ['INVALID_PURPOSE', { hosts, issuer: root, forClients: true }, 'trusted', /not fit for a server/],
  ])('%s: says what to do', async (code, options, authority, advice) => {
    await server().startWithTls(createCertificate(options));
    const parameters = authority === 'trusted' ? trusted() : { sslmode: 'require' };
    const problem = await problemAt(withParameters(server().url, parameters));
    expect(problem).toContain(`cannot be used (${code}: `);
    expect(problem).toMatch(advice);
    expect(problem).not.toMatch(/may create tables|probably not a journal/);
  });

  it('says the same when the certificate expires under the running app, and goes on with a new one', async () => {
    await server().startWithTls(createCertificate({ hosts, issuer: root }));
    const databaseUrl = withParameters(server().url, trusted());
    const journal = await openJournal({ path: '', databaseUrl });
    expect(await journal.problem()).toBeNull();
    await server().startWithTls(createCertificate({ hosts, issuer: root, from: at(-2), until: at(-1) }));
    // The connection that the restart has broken is noticed at its next use.
    await journal.problem();
    expect(await journal.problem()).toBe(await problemAt(databaseUrl));
    expect(await journal.problem()).toMatch(/CERT_HAS_EXPIRED.*Renew/);
    await server().startWithTls(createCertificate({ hosts, issuer: root }));
    expect(await journal.problem()).toBeNull();
    await journal.close();
  });

  it('says the same when a file goes away under the running app', async () => {
    await server().startWithTls(createCertificate({ hosts, issuer: root }));
    const databaseUrl = withParameters(server().url, trusted());
    const journal = await openJournal({ path: '', databaseUrl });
    rmSync(join(directory, 'root.pem'));
    await executeAt(
      server().url,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'toloka-archive'`,
    );
    await journal.problem();
    expect(await journal.problem()).toMatch(
      /root\.pem", which it names in sslrootcert, cannot be read \(ENOENT\)/,
    );
    trusted();
    expect(await journal.problem()).toBeNull();
    await journal.close();
  });

  it('says so when the server accepts only TLS', async () => {
    await server().startWithTls(createCertificate({ hosts, issuer: root }));
    await executeAt(server().url, `create role encrypted login superuser password '${PASSWORD}'`);
    const rules = await hbaFile(server().url);
    writeFileSync(rules, `hostnossl all encrypted all reject\n${readFileSync(rules, 'utf8')}`);
    await server().stop();
    await server().start();
    const url = new URL(server().url);
    url.username = 'encrypted';
    expect(await problemAt(url.href)).toMatch(
      /28000.*(no encryption|SSL off).*sslmode=verify-full in DATABASE_URL/,
    );
    expect(await problemAt(withParameters(url.href, trusted()))).toBeNull();
  });

  it('takes each sslmode as docs/operations.md says', async () => {
    const rows = documentedModes();
    expect(rows.length).toBeGreaterThan(12);
    const answers = async (certificate: Certificate | null, column: number) => {
      await server().startWithTls(certificate);
      for (const { mode, cells } of rows) {
        const query = mode.replace('…', trusted().sslrootcert);
        const answer = (await problemAt(`${server().url}?${query}`)) === null ? 'yes' : 'no';
        expect(`${mode}: ${answer}`).toBe(`${mode}: ${cells[column]}`);
      }
    };
    await answers(null, 0);
    await answers(createCertificate({ hosts }), 1);
    // What checks certificates is given the authority, so that only the name is wrong.
    for (const row of rows) {
      if (row.cells[1] === 'no' && !row.mode.includes('…')) row.mode += '&sslrootcert=…';
    }
    await answers(createCertificate({ hosts: ['db.test'], issuer: root }), 2);
  });
};

if (ownServer) describePostgres(TITLE, suite);
else it.skip(`${TITLE} (TEST_DATABASE_URL is not this test’s own)`, () => {});

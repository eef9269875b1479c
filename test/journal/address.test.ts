import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { openJournal } from '../../src/journal/store';
import { createCertificate } from '../support/certificates';

const PASSWORD = 'secret-of-the-database';
const own = createCertificate({ hosts: ['app.test'] });
const other = createCertificate({ hosts: ['other.test'] });

let directory: string;
const path = (name: string) => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'address-'));
  mkdirSync(path('directory'));
  const files = { 'own.crt': own.cert, 'own.key': own.key, 'other.key': other.key, empty: '', text: 'x\n' };
  for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
});
afterAll(() => rmSync(directory, { recursive: true }));

const problemOf = (parameters: Record<string, string>, port = 1) =>
  problemOfUrl(`postgresql://me:${PASSWORD}@127.0.0.1:${port}/journal?${new URLSearchParams(parameters)}`);

async function problemOfUrl(url: string): Promise<string> {
  const error = await openJournal({ path: '', databaseUrl: url, timeoutMs: 2_000 }).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toMatchObject({ code: 'journal_unavailable' });
  const all = inspect(error, { depth: 9, showHidden: true });
  for (const secret of [PASSWORD, own.key, other.key]) expect(all).not.toContain(secret);
  return error.message;
}

describe('a DATABASE_URL with files for TLS', () => {
  it.each([
    ['sslrootcert', 'missing', /in sslrootcert, cannot be read \(ENOENT\)/],
    ['sslrootcert', 'directory', /in sslrootcert, cannot be read \(EISDIR\)/],
    ['sslrootcert', 'empty', /in sslrootcert, holds no certificate in PEM format/],
    ['sslrootcert', 'own.key', /in sslrootcert, holds no certificate/],
    ['sslcert', 'missing', /in sslcert, cannot be read/],
    ['sslcert', 'text', /in sslcert, holds no certificate/],
    ['sslkey', 'missing', /in sslkey, cannot be read/],
    ['sslkey', 'own.crt', /in sslkey, holds no private key/],
  ])('says that %s is not right: %s', async (name, file, words) => {
    const problem = await problemOf({ sslmode: 'verify-full', [name]: path(file) });
    expect(problem).toContain(JSON.stringify(path(file)));
    expect(problem).toMatch(words);
  });

  it('says that the key is not that of the certificate', async () => {
    const files = { sslcert: path('own.crt'), sslkey: path('other.key') };
    expect(await problemOf(files)).toMatch(/sslkey does not name the key/);
    expect(await problemOf({ ...files, sslkey: path('own.key') })).toMatch(/ECONNREFUSED/);
    expect(await problemOf({ sslcert: path('own.crt') })).toMatch(/ECONNREFUSED/);
  });

  it('says that verify-ca as in psql needs the authority', async () => {
    const mode = { uselibpqcompat: 'true', sslmode: 'verify-ca' };
    expect(await problemOf(mode)).toMatch(/verify-ca needs.*sslrootcert/);
    expect(await problemOf({ ...mode, sslrootcert: path('own.crt') })).toMatch(/ECONNREFUSED/);
    expect(await problemOf({ ...mode, sslmode: 'require' })).toMatch(/ECONNREFUSED/);
  });

  it('says so too when the host is a local socket', async () => {
    const files = new URLSearchParams({ host: directory, sslrootcert: path('missing') });
    expect(await problemOfUrl(`postgresql://me:${PASSWORD}@/journal?${files}`)).toMatch(/ENOENT/);
  });
});

it.each(['[/journal', '127.0.0.1:port/journal'])(
  'says how to write an address that cannot be understood, without showing it: %s',
  async (rest) => {
    const problem = await problemOfUrl(`postgresql://me:${PASSWORD}@${rest}`);
    expect(problem).toMatch(/cannot be understood.*postgresql:\/\/user:password@host/);
  },
);

it.each(['false', 'require'])(
  'refuses ssl=%s, which would end the process at the first connection',
  async (ssl) => {
    const sockets: Socket[] = [];
    // The answer of a PostgreSQL server that has TLS.
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      socket.once('data', () => socket.write('S'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      expect(await problemOf({ ssl }, port)).toMatch(/value of ssl.*sslmode=disable/);
      expect(sockets).toEqual([]);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  },
);

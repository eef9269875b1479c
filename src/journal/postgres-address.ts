import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { TlsSettings } from '../tls-errors';
import { JournalError } from './errors';

/** What an operator can change about TLS to the database. */
export const POSTGRES_TLS: TlsSettings = {
  server: 'the server',
  address: 'DATABASE_URL',
  trust: 'name that file in sslrootcert of DATABASE_URL',
  withoutTls:
    'Turn TLS on there (ssl = on), or set sslmode=disable in DATABASE_URL if nobody else can read the network.',
  clientCertificate:
    'If it demands a certificate of its clients, name one that it trusts, and its key, in sslcert and sslkey of DATABASE_URL.',
};

/**
 * Names the database of an address, without its password and its other parameters.
 * @throws JournalError (`unavailable`) when the address cannot be used
 */
export function locationOf(url: string): string {
  const problem = tlsFileProblem(url);
  if (problem) throw problem;
  const { database, host, port, ssl } = parse(url);
  // The driver ends the process when it meets such a value.
  if (typeof (ssl as unknown) === 'string')
    throw new JournalError(
      'unavailable',
      'DATABASE_URL has a value of ssl that is not known. Write sslmode=disable or sslmode=verify-full instead.',
    );
  return `PostgreSQL database ${JSON.stringify(database)} at ${host}:${port}`;
}

function parse(url: string): Client {
  try {
    return new Client({ connectionString: url });
  } catch {
    // Without the cause: it may quote the address.
    throw new JournalError(
      'unavailable',
      'DATABASE_URL cannot be understood. Write it as postgresql://user:password@host:5432/database, with special characters of the password percent-encoded.',
    );
  }
}

const certificate = (text: string) => new X509Certificate(text);
/** The parameters that name a file, how it is read, and what it must hold. */
const FILES = [
  ['sslrootcert', certificate, 'certificate in PEM format'],
  ['sslcert', certificate, 'certificate in PEM format'],
  ['sslkey', createPrivateKey, 'private key in PEM format without a passphrase'],
] as const;

/** What is wrong with the files that an address names for TLS; null when nothing is. */
export function tlsFileProblem(url: string): JournalError | null {
  // For a local socket the host may be left out, which the URL parser does not accept.
  const address = url.replace('@/', '@localhost/');
  if (!URL.canParse(address)) return null;
  const parameters = Object.fromEntries(new URL(address).searchParams);
  const problem = (words: string, cause?: unknown) =>
    new JournalError('unavailable', `DATABASE_URL cannot be used: ${words}`, { cause });
  const texts: Record<string, string> = {};
  for (const [name, read, content] of FILES) {
    const path = parameters[name];
    if (!path) continue;
    const file = `the file ${JSON.stringify(path)}, which it names in ${name},`;
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      return problem(`${file} cannot be read (${code}). Name a file that this process may read.`, cause);
    }
    try {
      read(text);
    } catch (cause) {
      return problem(`${file} holds no ${content}. Name a file that does.`, cause);
    }
    texts[name] = text;
  }
  const { sslcert, sslkey } = texts;
  if (sslcert && sslkey && !certificate(sslcert).checkPrivateKey(createPrivateKey(sslkey)))
    return problem('sslkey does not name the key of the certificate in sslcert.');
  const { uselibpqcompat, sslmode, sslrootcert } = parameters;
  if (uselibpqcompat === 'true' && sslmode === 'verify-ca' && !sslrootcert)
    return problem(
      'sslmode=verify-ca needs the certificate of the authority. Name its PEM file in sslrootcert.',
    );
  return null;
}

import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { type ConnectionOptions, connect, createServer, type TlsOptions } from 'node:tls';
import { httpsSettings, type TlsSettings, tlsProblem } from '../src/tls-errors';
import { createCertificate } from './support/certificates';

const SETTINGS: TlsSettings = {
  server: 'SERVER',
  address: 'ADDRESS',
  trust: 'TRUST',
  withoutTls: 'WITHOUT_TLS',
  clientCertificate: 'CLIENT_CERTIFICATE',
};
const failed = (code: string, message = 'words') => Object.assign(new Error(message), { code });
const adviceOn = (error: unknown) => tlsProblem(error, SETTINGS)?.advice;

/** All codes of Node's list of X509 certificate error codes but OUT_OF_MEM, and where they lead. */
const CODES: Record<string, RegExp> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: /self-signed.*PEM file and TRUST/,
  SELF_SIGNED_CERT_IN_CHAIN: /PEM file and TRUST/,
  CERT_UNTRUSTED: /PEM file and TRUST/,
  CERT_REJECTED: /PEM file and TRUST/,
  UNABLE_TO_GET_ISSUER_CERT: /TRUST.*intermediate/,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: /TRUST.*intermediate/,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: /TRUST.*intermediate/,
  CERT_HAS_EXPIRED: /expired.*Renew.*clock/,
  CERT_NOT_YET_VALID: /not valid yet.*clock/,
  HOSTNAME_MISMATCH: /another host name.*ADDRESS/,
  CERT_REVOKED: /revoked/,
  CERT_SIGNATURE_FAILURE: /not signed by.*TRUST/,
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: /not signed by.*TRUST/,
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: /not fit/,
  INVALID_CA: /not fit/,
  INVALID_PURPOSE: /not fit/,
  PATH_LENGTH_EXCEEDED: /not fit/,
  CERT_CHAIN_TOO_LONG: /not fit/,
  ERROR_IN_CERT_NOT_BEFORE_FIELD: /not fit/,
  ERROR_IN_CERT_NOT_AFTER_FIELD: /not fit/,
  UNSPECIFIED: /not fit/,
  UNABLE_TO_GET_CRL: /TLS failed/,
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: /TLS failed/,
  CRL_SIGNATURE_FAILURE: /TLS failed/,
  CRL_NOT_YET_VALID: /TLS failed/,
  CRL_HAS_EXPIRED: /TLS failed/,
  ERROR_IN_CRL_LAST_UPDATE_FIELD: /TLS failed/,
  ERROR_IN_CRL_NEXT_UPDATE_FIELD: /TLS failed/,
  // Codes of Node's own, and of OpenSSL 3.0 to 3.5.
  ERR_TLS_CERT_ALTNAME_INVALID: /another host name.*ADDRESS/,
  ERR_TLS_CERT_ALTNAME_FORMAT: /another host name.*ADDRESS/,
  ERR_SSL_WRONG_VERSION_NUMBER: /does not speak TLS.*ADDRESS.*WITHOUT_TLS/,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: /does not speak TLS.*ADDRESS.*WITHOUT_TLS/,
  ERR_SSL_UNSUPPORTED_PROTOCOL: /TLS 1\.2 or newer/,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: /TLS 1\.2 or newer/,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: /TLS 1\.2 or newer.*CLIENT_CERTIFICATE/,
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': /TLS 1\.2 or newer.*CLIENT_CERTIFICATE/,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: /CLIENT_CERTIFICATE/,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: /another certificate of this app.*CLIENT_CERTIFICATE/,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: /another certificate of this app.*CLIENT_CERTIFICATE/,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: /another certificate of this app.*CLIENT_CERTIFICATE/,
  ERR_SSL_BAD_RECORD_TYPE: /TLS failed/,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: /TLS failed/,
};

describe('tlsProblem', () => {
  it.each(Object.entries(CODES))('knows %s', (code, advice) => {
    expect(tlsProblem(failed(code), SETTINGS)).toEqual({
      reason: `${code}: words`,
      advice: expect.stringMatching(advice),
    });
  });

  it.each([
    'The server does not support SSL connections',
    'There was an error establishing an SSL connection',
  ])('knows what pg says without a code: %s', (message) => {
    const advice = expect.stringContaining('WITHOUT_TLS');
    expect(tlsProblem(new Error(message), SETTINGS)).toEqual({ reason: message, advice });
  });

  it('finds the problem among the causes', () => {
    const cause = new TypeError('fetch failed', { cause: failed('CERT_HAS_EXPIRED') });
    const error = Object.assign(new Error('x', { cause }), { code: 'UND_ERR_PRX_TLS' });
    expect(tlsProblem(error, SETTINGS)?.reason).toBe('CERT_HAS_EXPIRED: words');
  });

  it.each([
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', '28P01', 'OUT_OF_MEM'].map(
      (code) => failed(code),
    ),
    ...[new Error('certificate'), undefined, null, 'CERT_HAS_EXPIRED', {}],
  ])('has nothing to say about %s', (error) => {
    expect(tlsProblem(error, SETTINGS)).toBeNull();
  });

  it('advises NODE_EXTRA_CA_CERTS for HTTPS, which works only outside of .env', () => {
    const problem = tlsProblem(failed('SELF_SIGNED_CERT_IN_CHAIN'), httpsSettings('TOLOKA_API_URL'));
    expect(problem?.advice).toMatch(/server or proxy.*NODE_EXTRA_CA_CERTS.*\.env/);
  });
});

const HOUR_MS = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
const hosts = ['127.0.0.1'];
const root = createCertificate({ name: 'root' });
const between = createCertificate({ name: 'between', issuer: root });
const short = createCertificate({ name: 'short', issuer: root, pathLength: 0 });
const below = createCertificate({ name: 'below', issuer: short });
const good = createCertificate({ hosts, issuer: root });
const TRUSTED = { ca: root.cert };

let servers: Server[] = [];
afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The error of a real connection; with `early`, of one that is written to at once, as pg does. */
function failureOf(port: number, options: ConnectionOptions, early: boolean): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ...options });
    socket.on('error', resolve).on('close', () => resolve(null));
    socket.on('data', () => {});
    if (early) socket.write('early');
  });
}

describe.each([false, true])('of a real connection, written to early: %s', (early) => {
  it.each<[string, TlsOptions, ConnectionOptions, RegExp]>([
    ['self-signed', createCertificate({ hosts }), {}, /self-signed.*TRUST/],
    ['with a root of its own', chain(good, root), {}, /TRUST/],
    ['of an unknown authority', good, {}, /TRUST.*intermediate/],
    [
      'of one that is below an unknown one',
      chain(createCertificate({ hosts, issuer: between }), between),
      {},
      /TRUST/,
    ],
    ['without what is between', createCertificate({ hosts, issuer: between }), TRUSTED, /intermediate/],
    ['expired', createCertificate({ hosts, issuer: root, from: at(-2), until: at(-1) }), TRUSTED, /expired/],
    ['of tomorrow', createCertificate({ hosts, issuer: root, from: at(20) }), TRUSTED, /not valid yet/],
    ['of another host', createCertificate({ hosts: ['db.test'], issuer: root }), TRUSTED, /another host/],
    ['without a host', createCertificate({ isAuthority: false, issuer: root }), TRUSTED, /another host/],
    ['for clients', createCertificate({ hosts, issuer: root, forClients: true }), TRUSTED, /not fit/],
    ['too far down', chain(createCertificate({ hosts, issuer: below }), below, short), TRUSTED, /not fit/],
    ['of a root that was replaced', good, { ca: createCertificate({ name: 'root' }).cert }, /not signed by/],
    ['behind TLS 1.1', { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, TRUSTED, /TLS 1\.2 or newer/],
    ['for which a client needs one', { ...good, requestCert: true }, TRUSTED, /CLIENT_CERTIFICATE/],
    [
      'for which TLS 1.2 wants one',
      { ...good, requestCert: true, maxVersion: 'TLSv1.2' },
      TRUSTED,
      /CLIENT_CERT/,
    ],
  ])('a certificate %s', async (_what, server, client, advice) => {
    const port = await listen(createServer(server, (socket) => socket.on('error', () => {})));
    expect(adviceOn(await failureOf(port, client, early))).toMatch(advice);
  });

  it('a server without TLS', async () => {
    const answer = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.end(answer))));
    expect(adviceOn(await failureOf(port, {}, early))).toMatch(/does not speak TLS.*WITHOUT_TLS/);
  });
});

function chain(...certificates: (typeof root)[]) {
  return { cert: certificates.map(({ cert }) => cert).join(''), key: certificates[0]?.key };
}

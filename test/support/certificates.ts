import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

export interface Certificate {
  /** Both in PEM. */
  cert: string;
  key: string;
  name: string;
  privateKey: KeyObject;
}

export interface CertificateOptions {
  name?: string;
  /** Names and IPv4 addresses of the server. */
  hosts?: string[];
  /** @default itself */
  issuer?: Certificate;
  from?: Date;
  until?: Date;
  /** @default whether it has no hosts */
  isAuthority?: boolean;
  /** How many authorities may follow below it. */
  pathLength?: number;
  /** Only for clients, so not for a server. */
  forClients?: boolean;
  /** Bits of an RSA key. @default a P-256 key */
  rsaBits?: number;
}

const HOUR_MS = 3_600_000;
const hours = (count: number) => new Date(Date.now() + count * HOUR_MS);

/** Makes an X.509 certificate, also one that no authority would issue. @see RFC 5280 */
export function createCertificate({
  name = 'test',
  hosts = [],
  ...options
}: CertificateOptions = {}): Certificate {
  const { rsaBits, issuer, from = hours(-1), until = hours(24) } = options;
  const { isAuthority = hosts.length === 0, pathLength, forClients = false } = options;
  const { privateKey, publicKey } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const signer = issuer?.privateKey ?? privateKey;
  const algorithm =
    signer.asymmetricKeyType === 'ec'
      ? sequence(OID.ecdsaWithSha256)
      : sequence(OID.sha256WithRsa, der(0x05));
  const extensions = [
    sequence(OID.basicConstraints, TRUE, octets(sequence(...constraints(isAuthority, pathLength)))),
    ...(hosts.length === 0 ? [] : [sequence(OID.subjectAltName, octets(sequence(...hosts.map(host))))]),
    ...(forClients ? [sequence(OID.extendedKeyUsage, octets(sequence(OID.clientAuth)))] : []),
  ];
  const body = sequence(
    der(0xa0, integer(2)),
    der(0x02, Buffer.from([1, ...randomBytes(8)])),
    algorithm,
    distinguished(issuer?.name ?? name),
    sequence(time(from), time(until)),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, signer));
  const base64 = sequence(body, algorithm, signature).toString('base64').replace(/.{64}/g, '$&\n');
  const cert = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), name, privateKey };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const octets = (content: Buffer) => der(0x04, content);
const integer = (value: number) => der(0x02, Buffer.from([value]));
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const TRUE = der(0x01, Buffer.from([255]));
const OID = {
  commonName: oid('550403'),
  basicConstraints: oid('551d13'),
  subjectAltName: oid('551d11'),
  extendedKeyUsage: oid('551d25'),
  clientAuth: oid('2b06010505070302'),
  ecdsaWithSha256: oid('2a8648ce3d040302'),
  sha256WithRsa: oid('2a864886f70d01010b'),
};

const constraints = (isAuthority: boolean, pathLength?: number): Buffer[] =>
  isAuthority ? [TRUE, ...(pathLength === undefined ? [] : [integer(pathLength)])] : [];
const distinguished = (name: string) =>
  sequence(der(0x31, sequence(OID.commonName, der(0x0c, Buffer.from(name)))));
const host = (name: string) =>
  isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));
const time = (at: Date) => der(0x18, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));

/** What an operator can change about the TLS connections to a server, in words for the advice below. */
export interface TlsSettings {
  /** Whose certificate it is. */
  server: string;
  /** Where its host and port are set. */
  address: string;
  /** What to do with a PEM file so that its certificates are trusted. Goes on after "and". */
  trust: string;
  /** What to do about a server that has no TLS. A sentence. */
  withoutTls: string;
  /** What to do about a server that demands a certificate of its clients. A sentence. */
  clientCertificate: string;
}

/** The settings for what is reached by HTTPS or by a secure WebSocket, also through a proxy. */
export const httpsSettings = (address: string): TlsSettings => ({
  server: 'the server or proxy',
  address,
  trust:
    'name that file in the environment variable NODE_EXTRA_CA_CERTS of the process (Node.js does not read it from .env)',
  withoutTls: 'If there should be none, write http:// instead of https://.',
  clientCertificate: 'It must not demand a certificate of its clients, because this app has none.',
});

export interface TlsProblem {
  /** The code of the error and its words. */
  reason: string;
  /** What is wrong and which setting fixes it. For operators, not for people in Slack. */
  advice: string;
}

/**
 * The codes of Node.js and OpenSSL, and what to do about each. Codes of the form `ERR_SSL_…` are made of OpenSSL's
 * words, which differ between versions. pg gives an error without a code when a server denies TLS.
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const PROBLEMS: readonly (readonly [codes: RegExp, advice: (settings: TlsSettings) => string])[] = [
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_UNTRUSTED|CERT_REJECTED)$/,
    ({ server, trust }) =>
      `The certificate of ${server} is not trusted on this machine. Save the certificate of the authority that issued it, or itself if it is self-signed, as a PEM file and ${trust}.`,
  ],
  [
    /^UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)$/,
    ({ server, trust }) =>
      `The authority that issued the certificate of ${server} is not known on this machine. Save the authority's certificate as a PEM file and ${trust}. If that is done, let the server send its intermediate certificates too.`,
  ],
  [
    /^CERT_HAS_EXPIRED$/,
    ({ server }) =>
      `The certificate of ${server}, or of an authority above it, has expired. Renew it there. If it should still be valid, set this machine's clock (NTP).`,
  ],
  [
    /^CERT_NOT_YET_VALID$/,
    ({ server }) =>
      `The certificate of ${server}, or of an authority above it, is not valid yet. Set this machine's clock (NTP). If the clock is right, install a certificate that is valid now.`,
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_(INVALID|FORMAT)|HOSTNAME_MISMATCH)$/,
    ({ server, address }) =>
      `The certificate of ${server} is for another host name. Use a host name of the certificate in ${address}, or install a certificate for this host.`,
  ],
  [/^CERT_REVOKED$/, ({ server }) => `The certificate of ${server} is revoked. Install a new one there.`],
  [
    /^(CERT_SIGNATURE_FAILURE|UNABLE_TO_DECRYPT_CERT_SIGNATURE)$/,
    ({ server, trust }) =>
      `The certificate of ${server} is not signed by the authority that is trusted under that name. If the authority has a new certificate, save that one as a PEM file and ${trust}. Otherwise install a new certificate on the server.`,
  ],
  [
    // "UNSPECIFIED" is what Node.js calls all that has no code of its own, such as a key that is too short.
    /^(INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|CERT_CHAIN_TOO_LONG|ERROR_IN_CERT_.+|UNABLE_TO_DECODE_.+|UNSPECIFIED)$/,
    ({ server }) =>
      `The certificate of ${server}, or of an authority above it, is not fit for a server. Install another one there.`,
  ],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$|^The server does not support SSL|error establishing an SSL/,
    ({ address, withoutTls }) =>
      `What answers there does not speak TLS. Check the host and the port in ${address}. ${withoutTls}`,
  ],
  [
    /^ERR_SSL_.*(UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW|NO_PROTOCOLS|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|KEY_TOO_SMALL)/,
    ({ server, clientCertificate }) =>
      `Node.js and ${server} have no version or cipher of TLS in common. Let it accept TLS 1.2 or newer. ${clientCertificate}`,
  ],
  [
    /^ERR_SSL_.*_ALERT_(.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED)/,
    ({ server, clientCertificate }) =>
      `TLS failed because ${server} demands another certificate of this app. ${clientCertificate}`,
  ],
  [
    /^ERR_(SSL|TLS|OSSL)_|^[A-Z_]*CRL[A-Z_]*$/,
    ({ server }) => `TLS failed. Check the certificate and the TLS settings of ${server}.`,
  ],
];

/** What is wrong with a TLS connection, found in an error or its causes; null when it is something else. */
export function tlsProblem(error: unknown, settings: TlsSettings): TlsProblem | null {
  const { code = '', message = '', cause } = Object(error) as Partial<NodeJS.ErrnoException>;
  // The same error of OpenSSL has another code when it is seen while writing.
  const [, words] = /SSL routines:[^:]*:([^:]+)/.exec(message) ?? [];
  const name = words ? `ERR_SSL_${words.toUpperCase().replaceAll(' ', '_')}` : code || message;
  const found = PROBLEMS.find(([codes]) => codes.test(name));
  if (!found) return cause === undefined ? null : tlsProblem(cause, settings);
  const [, advice] = found;
  const reason = words || !code ? name : `${code}: ${message}`;
  return { reason, advice: advice(settings) };
}

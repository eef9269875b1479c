/** What Slack sends and lets its holder act: the verification token, the address of a reply, a trigger. */
const SLACK_SECRETS = ['token', 'response_url', 'trigger_id'];
/** What has the shape of a secret. The quotes are escaped where a payload was logged as text. */
const PATTERNS = [
  /(?<=\bticket=)[^&"\\\s]+/g,
  /https:\/\/hooks\.slack\.com\/[^"\\\s]+/g,
  new RegExp(`(?<=\\\\*"(?:${SLACK_SECRETS.join('|')})\\\\*":\\\\*")[^"\\\\]+`, 'g'),
  /(?:\b|(?<=\\[bfnrt]))x(?:ox[a-z]|app)-[\w-]+/g,
  /\b(OAuth|ApiKey|Bearer)\s+(?!Token\b)[^\s"\\]+/gi,
];
const MASK = '[redacted]';

export type Redact = (text: string) => string;

/** Returns a function that removes the given secrets, and everything that looks like one, from a text. */
export function createRedactor(secrets: readonly string[]): Redact {
  const known = secrets.filter((secret) => secret.length >= 4).flatMap(writings);
  const longestFirst = [...new Set(known)].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of longestFirst) clean = clean.replaceAll(secret, MASK);
    for (const pattern of PATTERNS) clean = clean.replace(pattern, MASK);
    return clean;
  };
}

/** How a secret may be written: as it is, inside JSON (up to three levels deep), percent-encoded, in a form. */
function writings(secret: string): string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const json = inJson(secret);
  const encoded = [encodeURIComponent, encodeURI].map((encode) =>
    encode(secret.replaceAll(/\p{Cs}/gu, '\ufffd')),
  );
  encoded.push(new URLSearchParams([['', secret]]).toString().slice(1));
  const lower = encoded.map((text) => text.replaceAll(/%../g, (one) => one.toLowerCase()));
  return [secret, json, inJson(json), inJson(inJson(json)), ...encoded, ...lower];
}

/**
 * A replacer for JSON.stringify that redacts every key and value. The text is valid JSON with any secret, which it
 * might not be if it were redacted afterwards.
 */
export const redactingReplacer =
  (redact: Redact) =>
  (key: string, value: unknown): unknown => {
    if (typeof value === 'string') return SLACK_SECRETS.includes(key) ? MASK : redact(value);
    if (typeof value === 'number') return redact(String(value)) === String(value) ? value : MASK;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [redact(name), one]));
  };

/** The secrets in the address of a database: all of it, and its password as it is written there and decoded. */
export function urlSecrets(address: string): string[] {
  const { password, searchParams } = new URL(address.replace('@/', '@localhost/'));
  const written = [password, searchParams.get('password') ?? ''].filter(Boolean);
  return [address, ...new Set(written.flatMap((one) => [one, decoded(one)]))];
}

/** The secrets in the address of a proxy: what a database's has, and the login in the form that is sent. */
export function proxySecrets(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { username, password } = new URL(address);
  if (password === '') return [];
  const login = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  return [...urlSecrets(address), login];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

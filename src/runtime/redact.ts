/**
 * What Slack sends and whoever has it may use: the address of a socket, of an answer, a trigger, the old verification
 * token. The quotes are escaped where a payload was logged as text.
 */
const CAPABILITIES = [
  /(?<=\bticket=)[^&"\\\s]+/g,
  /https:\/\/hooks\.slack\.com\/[^"\\\s]+/g,
  /(?<=\\*"(?:token|response_url|trigger_id)\\*":\\*")[^"\\]+/g,
];
const PATTERNS = [
  /\bx(?:ox[a-z]|app)-[\w-]+/g,
  /\b(OAuth|ApiKey|Bearer)\s+(?!Token\b)[^\s"\\]+/gi,
  ...CAPABILITIES,
];
const MASK = '[redacted]';

/** A function that blanks the given secrets, and whatever has the shape of one, in a text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of known) clean = clean.replaceAll(secret, MASK);
    for (const pattern of PATTERNS) clean = clean.replace(pattern, MASK);
    return clean;
  };
}

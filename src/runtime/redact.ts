const PATTERNS = [/\bx(?:ox[a-z]|app)-[\w-]+/g, /\b(OAuth|ApiKey|Bearer)\s+\S+/gi];
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

const EXCERPT_LENGTH = 200;
/** Deeper than any answer of Toloka, and far from where a hostile one would exhaust the stack. */
const MAX_DEPTH = 20;

export type Redact = (text: string) => string;

/** A function that takes a secret out of a text. */
export function createRedact(secret: string): Redact {
  return (text) => text.replaceAll(secret, '[token]');
}

/** Takes secrets out of every string of a value that came from JSON, names of fields included. */
export function redactDeep(value: unknown, redact: Redact, depth = 0): unknown {
  if (typeof value === 'string') {
    return redact(value);
  }
  if (depth > MAX_DEPTH) {
    return null;
  }
  if (Array.isArray(value)) {
    return value.map((item) => redactDeep(item, redact, depth + 1));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [redact(name), redactDeep(item, redact, depth + 1)]),
    );
  }
  return value;
}

/** The beginning of a text in one line, without anything that a terminal or a chat would act upon. */
export function excerptOf(text: string): string {
  return text
    .slice(0, 4 * EXCERPT_LENGTH)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, EXCERPT_LENGTH)
    .replace(/[\uD800-\uDBFF]$/, '');
}

/**
 * An error that tells what another one told, and nothing else. Errors of the network layer carry sockets and options
 * along, and whoever prints a chain of causes must not print those.
 */
export function plainError(error: unknown, redact: Redact): Error {
  const code = textOf(error, 'code') || textOf(error, 'name') || 'Error';
  // When several addresses of a host were tried, the words are in the parts.
  const message = textOf(error, 'message') || partsOf(error).join('; ');
  return new Error(excerptOf(redact(message ? `${code}: ${message}` : code)));
}

function partsOf(error: unknown): string[] {
  const parts = property(error, 'errors');
  return Array.isArray(parts) ? parts.map((part) => textOf(part, 'message')) : [];
}

function textOf(value: unknown, name: string): string {
  const found = property(value, name);
  return typeof found === 'string' ? found : '';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

import type { Redact } from '../redact';

const SAID_LENGTH = 500;

/** The beginning of a text in one line, without anything that a terminal or a chat would act on. */
export function shorten(text: string, length = 200): string {
  const line = text
    .slice(0, 4 * length)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return line.length > length ? `${line.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}

/**
 * What Toloka says in a field of no fixed shape, such as the details of an operation, short enough for a card.
 *
 * @returns null when it says nothing
 */
export function saidIn(value: unknown, redact: Redact): string | null {
  const text = typeof value === 'string' ? value : jsonOf(value);
  return ['', 'null', '{}', '[]'].includes(text) ? null : shorten(redact(text), SAID_LENGTH);
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // It is nested deeper than the stack allows.
    return '';
  }
}

/**
 * An error with the words of another one and nothing else. Errors of the network layer carry sockets and headers, which
 * must not be printed with a chain of causes.
 */
export function plainError(error: unknown, redact: Redact): Error {
  const { name = 'Error', code = name, message, errors } = Object(error) as Partial<Failure>;
  // When several addresses of a host were tried, the words are in the parts.
  const words = message || errors?.map((part) => part.message).join('; ') || '';
  return new Error(shorten(redact(`${code}: ${words}`)));
}

type Failure = NodeJS.ErrnoException & { errors: Error[] };

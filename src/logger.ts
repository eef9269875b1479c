import { types } from 'node:util';
import { type Redact, redactingReplacer } from './redact';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Record<string, unknown>;
/** The one logger interface of the project. */
export type Logger = Record<LogLevel, (message: string, fields?: LogFields) => void>;

export interface LoggerOptions {
  level: LogLevel;
  redact: Redact;
  write: (line: string) => void;
  now: () => number;
}

/** Writes JSON lines. Every key and every value of a line is redacted. */
export function createLogger({ level, redact, write, now }: LoggerOptions): Logger {
  const least = LOG_LEVELS.indexOf(level);
  const redacted = redactingReplacer(redact);
  const at =
    (name: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(name) < least) return;
      const own = { time: new Date(now()).toISOString(), level: name, message };
      // Ours come first in the line, and no field of the same name replaces them.
      const line = { ...own, ...fields, ...own };
      write(JSON.stringify(line, (key, value) => redacted(key, plainValue(value))));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

// An error of another realm is not `instanceof Error`.
const plainValue = (value: unknown): unknown =>
  types.isNativeError(value) || value instanceof Error ? plainError(value as Error) : value;

function plainError(error: Error): LogFields {
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return { name, code, message, stack, ...(cause === undefined ? {} : { cause: plainValue(cause) }) };
}

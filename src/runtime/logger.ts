import { format, types } from 'node:util';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Record<string, unknown>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  level: LogLevel;
  redact: (text: string) => string;
  write: (line: string) => void;
  now: () => number;
}

function plainError(error: Error): LogFields {
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return { name, code, message, stack, ...(cause === undefined ? {} : { cause: plainValue(cause) }) };
}

// An error of another realm is not `instanceof Error`.
const plainValue = (value: unknown): unknown =>
  types.isNativeError(value) || value instanceof Error ? plainError(value as Error) : value;

/** JSON lines, one a call, redacted as a whole after they are made, so that no field can slip by. */
export function createLogger({ level, redact, write, now }: LoggerOptions): Logger {
  const least = LOG_LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(name) < least) return;
      const own = { time: new Date(now()).toISOString(), level: name, message };
      // Ours first in the line, and no field of the same name takes their place.
      const line = { ...own, ...fields, ...own };
      write(redact(JSON.stringify(line, (_key, value) => plainValue(value))));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The same logger in the shape that Slack's packages ask for. */
export function forSlack(logger: Logger) {
  const line = (parts: unknown[]) => format(...parts);
  return {
    debug: (...parts: unknown[]) => logger.debug(line(parts), { from: 'slack' }),
    info: (...parts: unknown[]) => logger.info(line(parts), { from: 'slack' }),
    warn: (...parts: unknown[]) => logger.warn(line(parts), { from: 'slack' }),
    error: (...parts: unknown[]) => logger.error(line(parts), { from: 'slack' }),
    setLevel: () => {},
    getLevel: () => 'debug' as never,
    setName: () => {},
  };
}

import { config as readDotenv } from 'dotenv';
import { loadJournalLocation } from '../config';
import { AppError } from '../errors';

/** What a command-line program of this app is given. */
export interface Io {
  env: Record<string, string | undefined>;
  /** Writes to standard output, no faster than it is read. */
  out(text: string): Promise<void>;
  err(text: string): void;
}

/** The command line cannot be understood. The message says how to write it. */
export class UsageError extends AppError {
  readonly code = 'usage';
}

/** What to do about a file that cannot be read or written; any other error as it is. */
export function fileProblem(option: string, error: unknown): unknown {
  if (!('syscall' in (error as object))) return error;
  return new UsageError(`${(error as Error).message}. Give another ${option}.`, { cause: error });
}

/** 0: done, or all intact. 1: something is broken. 2: it could not be done. */
export type ExitCode = 0 | 1 | 2;

/** Runs an action and prints its errors: ours are written for people. */
export async function reporting(io: Io, act: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await act();
  } catch (error) {
    // A reader such as `head` has enough. That is not a failure.
    if ((error as { code?: unknown } | null)?.code === 'EPIPE') return 0;
    if (error instanceof AppError) io.err(`${error.message}\n`);
    else io.err(`This should not happen: ${(error as { stack?: string } | null)?.stack ?? String(error)}\n`);
    return 2;
  }
}

/** Where the app's journal is, by the same settings. @throws ConfigError */
export function journalLocation({ env }: Io): { path: string; databaseUrl: string | undefined } {
  const { journalPath, databaseUrl } = loadJournalLocation(env);
  return { path: journalPath, databaseUrl };
}

/** Runs a program as this process. */
export function runAsProcess(run: (args: string[], io: Io) => Promise<ExitCode>): void {
  readDotenv({ quiet: true });
  const out = (text: string) =>
    new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
  // The callback of the write gets the error too. Without a listener it would end the process with a stack.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const io: Io = { env: process.env, out, err: (text) => void process.stderr.write(text) };
  void run(process.argv.slice(2), io).then((code) => {
    process.exitCode = code;
  });
}

/** Epoch ms as `2026-01-31T12:00:00.000Z`; a time that no date can hold as it is; null as null. */
export function isoTime(at: number | null): string | null {
  if (at === null) return null;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}

/**
 * Escapes what a terminal would act upon or hide: names come from Toloka and reasons from people, and may hold escape
 * sequences, line ends, or characters that change the direction of the text.
 */
export function visible(text: string): string {
  return String(text).replace(
    HIDDEN,
    (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Columns as wide as their widest text, the last one as it is. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(visible));
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const print = (line: readonly string[]) =>
    line.map((text, i) => (i === line.length - 1 ? text : text.padEnd(widths[i] ?? 0))).join('  ');
  return `${lines.map((line) => print(line).trimEnd()).join('\n')}\n`;
}

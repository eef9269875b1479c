import { config as readDotenv } from 'dotenv';
import { loadJournalPlace } from '../config';
import { AppError } from '../errors';
import type { JournalPlace } from '../journal/connect';

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

/** 0: done, or all intact. 1: something is broken. 2: nothing can be said, since it could not be done. */
export type ExitCode = 0 | 1 | 2;

/** Runs with errors as words: ours are written for people. */
export async function reporting(io: Io, act: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await act();
  } catch (error) {
    // A reader such as `head` that has enough is no failure.
    if ((error as { code?: unknown } | null)?.code === 'EPIPE') return 0;
    if (error instanceof AppError) io.err(`${error.message}\n`);
    else io.err(`This should not happen: ${(error as { stack?: string } | null)?.stack ?? String(error)}\n`);
    return 2;
  }
}

/** Where the app's journal is, by the same settings. @throws ConfigError */
export function journalPlace({ env }: Io): JournalPlace {
  const { journalPath, databaseUrl } = loadJournalPlace(env);
  return { path: journalPath, databaseUrl };
}

/** Runs a program as this process. */
export function runAsProcess(run: (args: string[], io: Io) => Promise<ExitCode>): void {
  readDotenv({ quiet: true });
  const out = (text: string) =>
    new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
  // The callback of the write has it too; without a listener it would end the process with a stack.
  process.stdout.on('error', () => {});
  const io: Io = { env: process.env, out, err: (text) => void process.stderr.write(text) };
  void run(process.argv.slice(2), io).then((code) => {
    process.exitCode = code;
  });
}

import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../errors';
import { createRedactor } from '../redact';

/** Lists every problem of the settings at once, each with how to fix it. Never holds a secret. */
export class ConfigError extends AppError {
  readonly code = 'config_invalid';

  constructor(readonly problems: readonly string[]) {
    super(`The settings need attention:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;
/** The texts of the settings that are set. Null for an unusable file: no field of a secret accepts it. */
export type Texts = Readonly<Record<string, string | null>>;

interface Options<Shape extends z.ZodRawShape> {
  environment: Environment;
  schema: z.ZodObject<Shape>;
  /** The names of the settings that can be in a file too. */
  secrets: readonly string[];
  /** The problems that only several settings together show. */
  contradictions?: (texts: Texts) => string[];
}

/**
 * Reads the settings of a schema from the environment and from the files that it names. An empty value counts as unset.
 * The notes are for the operator.
 * @throws ConfigError with every problem at once
 */
export function readSettings<Shape extends z.ZodRawShape>(options: Options<Shape>) {
  const { environment, schema, secrets, contradictions = () => [] } = options;
  const names = Object.keys(schema.shape);
  const fileNames = (name: string) => (secrets.includes(name) ? [`${name}_FILE`] : []);

  const sources = new Map<string, Source>();
  for (const name of names) {
    const source = sourceOf(firstSet(environment, spellings(name)), firstSet(environment, fileNames(name)));
    if (source) sources.set(name, source);
  }
  const texts: Texts = Object.fromEntries([...sources].map(([name, { text }]) => [name, text]));

  const parsed = schema.safeParse(texts);
  const issues = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = path.join('.');
    const { problem, label } = sources.get(name) ?? { label: name };
    return problem ?? `${label} ${message}`;
  });
  // Somebody may have put a token where an ID belongs.
  const problems = [...issues, ...contradictions(texts)].map(createRedactor([]));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);

  const isQuoted = (name: string) => QUOTED.test(environment[name]?.trim() ?? '');
  const quoted = names.flatMap((name) => [...spellings(name), ...fileNames(name)]).filter(isQuoted);
  const notes = quoted.length === 0 ? [] : [`The quotes around ${quoted.join(', ')} were left out.`];
  return { values: parsed.data, notes };
}

/** The names that other programs share are written in both ways; as with curl, small letters come first. */
const spellings = (name: string) => (name.endsWith('_PROXY') ? [name.toLowerCase(), name] : [name]);

const QUOTED = /^(["'])(.*)\1$/s;
/** Without white space and one pair of quotes around it: `docker run --env-file` keeps those that a file has. */
const unquoted = (text = '') => text.trim().replace(QUOTED, '$2').trim();

/** The text of a setting and what messages call it, or why there is no text. */
type Source =
  | { text: string; label: string; problem?: never }
  | { text: null; label?: never; problem: string };
type Given = { text: string; label: string };

const firstSet = (environment: Environment, names: string[]): Given | undefined =>
  names.map((name) => ({ text: unquoted(environment[name]), label: name })).find(({ text }) => text !== '');

const without = (problem: string): Source => ({ text: null, problem });

function sourceOf(value: Given | undefined, file: Given | undefined): Source | undefined {
  if (!file) return value;
  if (value) return without(`${value.label} and ${file.label} are both set: leave one of them out, or empty`);
  const { text: path, label } = file;
  // It may be the secret itself, which must not be shown. A secret does not look like an absolute path.
  if (!isAbsolute(path))
    return without(
      `${label} must be the absolute path of a file, such as /run/secrets/example, and not the secret itself`,
    );
  const { text, problem } = readSecret(path);
  if (problem !== undefined) return without(`${label} (${path}) ${problem}`);
  return { text, label: `${label} (the text in ${path})` };
}

const MOST_BYTES = 64 * 1024;
const MISSING = 'does not exist: check the path, and that the secret is mounted';
const FORBIDDEN = 'may not be read: let the user that runs the app read it';
const ERRORS: Record<string, string> = {
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
};

/** The one line of a small text file, without the white space and the byte order mark around it. */
function readSecret(path: string): { text: string; problem?: never } | { text?: never; problem: string } {
  let bytes: Buffer;
  try {
    const file = statSync(path);
    if (file.isDirectory()) return { problem: 'is a directory: set the path of the file in it' };
    // To read one could take for ever.
    if (!file.isFile()) return { problem: 'is a pipe or a device: set the path of a file' };
    if (file.size > MOST_BYTES) return { problem: 'is larger than 64 KiB: leave only the secret in it' };
    bytes = readFileSync(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { problem: ERRORS[code] ?? `can't be read (${code}): check the file` };
  }
  if (!isUtf8(bytes)) return { problem: 'is not UTF-8 text: save it as UTF-8' };
  const text = bytes.toString().trim();
  if (text === '') return { problem: 'is empty: write the secret into it' };
  if (/[\r\n]/.test(text)) return { problem: 'has several lines: leave only the secret in it' };
  return { text };
}

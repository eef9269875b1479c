import { parseArgs } from 'node:util';
import { REQUEST_STATES } from '../archive/request';
import type { AuditFilter } from '../journal/audit';
import { UsageError } from './program';

const OUTCOMES = ['open', ...REQUEST_STATES];

export const HELP = `Reads the journal of Toloka Archive for Slack: who archived what, and whether the record is intact.
It writes nothing and can run beside the app. JOURNAL_PATH and DATABASE_URL say where the journal is, as for the app.

  audit list [filters] [--limit N]          the newest requests, 50 by default
  audit show <request ID>                   one request with its whole history
  audit export --format csv|jsonl [filters] [--denials] [--out FILE]
  audit pauses                              when archiving was paused and resumed, by whom and why
  audit verify [request ID] [--receipt R]   check the hash chain of one request or of all

filters   --since DAY, --until DAY    asked on these days, both included: 2026-01-31, or 2026-01-31T12:00Z (UTC)
          --person U…                 asked for it or did something with it (a Slack ID)
          --training ID  --environment NAME  --channel C…
          --outcome STATE             ${OUTCOMES.join(', ')}

examples  npm run -s audit -- list --since 2026-01-01 --outcome succeeded
          npm run -s audit -- export --format csv --denials --out january.csv --since 2026-01-01 --until 2026-01-31
          npm run -s audit -- verify 0b7e… --receipt 1a2b-3c4d-5e6f-7081

exit      0 done, intact    1 broken    2 not understood, or the journal could not be read
`;

const usage = (message: string) => new UsageError(`${message.replace(/\.$/, '')}. See audit --help.`);

const text = (word: string): string => word;

const like = (shape: RegExp, advice: string) => (word: string) => {
  if (shape.test(word)) return word;
  throw usage(advice);
};

/** A moment in epoch ms; of a day, its beginning and `ofDay` ms. */
const time = (ofDay: number) => (word: string) => {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(word);
  const at = day || /T.*(Z|[+-]\d{2}:\d{2})$/.test(word) ? Date.parse(word) : Number.NaN;
  // Date.parse takes the 31st of a short month for the first of the next one.
  if (Number.isNaN(at) || (day && !new Date(at).toISOString().startsWith(word)))
    throw usage('--since and --until take a day such as 2026-01-31, or a moment such as 2026-01-31T12:00Z');
  return day ? at + ofDay : at;
};

const FILTERS = {
  since: time(0),
  until: time(24 * 3_600_000),
  person: like(/^[UW][A-Z0-9]*$/, '--person is a Slack member ID such as U012ABCDEF'),
  training: text,
  environment: text,
  channel: text,
  outcome: like(RegExp(`^(${OUTCOMES.join('|')})$`), `--outcome is one of ${OUTCOMES.join(', ')}`),
};
const FORMAT = 'export needs --format csv or --format jsonl';
const limit = like(/^[1-9]\d{0,8}$/, '--limit is a number from 1 on');
const receipt = like(/^[0-9a-f]{16}$/, '--receipt is four groups as on the card: 1a2b-3c4d-5e6f-7081');

/** How the words after each option are read. `--denials` takes none. */
const COMMANDS = {
  list: { ...FILTERS, limit: (word: string) => Number(limit(word)) },
  show: {},
  pauses: {},
  export: {
    ...FILTERS,
    format: like(/^(csv|jsonl)$/, FORMAT),
    denials: text,
    out: text,
  },
  verify: {
    // In any form in which it can be copied from the card: with the word, other dashes, capitals or none.
    receipt: (word: string) =>
      receipt(word.toLowerCase().replace(/^receipt|[\s\-‐‑–—]/g, '')).replace(/.{4}(?!$)/g, '$&-'),
  },
};

export type ListOptions = AuditFilter & { limit?: number };
export type ExportOptions = AuditFilter & { format: 'csv' | 'jsonl'; denials?: boolean; out?: string };
type Command =
  | { name: 'help' | 'pauses' }
  | ({ name: 'list' } & ListOptions)
  | { name: 'show'; id: string }
  | ({ name: 'export' } & ExportOptions)
  | { name: 'verify'; id?: string; receipt?: string };

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const [name = 'help', ...rest] = args;
  if (name === 'help' || args.includes('--help') || args.includes('-h')) return { name: 'help' };
  if (!Object.hasOwn(COMMANDS, name)) throw usage(`There is no command ${JSON.stringify(name)}`);
  const readers: Record<string, (word: string) => unknown> = COMMANDS[name as keyof typeof COMMANDS];
  const { values, positionals } = parse(rest, Object.keys(readers));
  const [id, ...more] = positionals;
  const takesId = name === 'show' || name === 'verify';
  if (more.length > 0 || (id !== undefined && !takesId))
    throw usage(`${name} takes ${takesId ? 'one request ID' : 'no request ID'}`);
  const read = Object.entries(values).map(([option, word]) => [
    option,
    typeof word === 'string' ? readers[option]?.(word) : word,
  ]);
  const command = { name, ...Object.fromEntries(read), ...(id !== undefined && { id }) };
  if (name === 'show' && id === undefined) throw usage('show needs a request ID: it is on the card');
  if (name === 'export' && !command.format) throw usage(FORMAT);
  if (command.receipt && id === undefined)
    throw usage('--receipt needs the request ID too: both are on the card');
  return command;
}

function parse(args: string[], names: string[]) {
  const type = (name: string) => ({ type: name === 'denials' ? ('boolean' as const) : ('string' as const) });
  try {
    const options = Object.fromEntries(names.map((name) => [name, type(name)]));
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // The rest of the message is about arguments that begin with a dash, which none of these does.
    throw usage((error as Error).message.split(/\.? To specify/)[0] ?? '');
  }
}

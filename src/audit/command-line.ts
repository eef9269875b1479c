import { parseArgs } from 'node:util';
import { REQUEST_STATES } from '../archive/request';
import type { AuditFilter } from '../journal/open-audit';
import { UsageError } from './program';

/** Without the states of approvals, which no version writes yet. */
const OUTCOMES = [
  'open' as const,
  ...REQUEST_STATES.filter((state) => state !== 'awaiting_approval' && state !== 'declined'),
];

export const HELP = `Reads the journal of Toloka Archive for Slack: who archived what, and whether the record is intact.
It writes nothing and may run beside the app. JOURNAL_PATH and DATABASE_URL say where the journal is, as for the app.

  audit list [filters] [--limit N]          the newest requests, 50 unless told otherwise
  audit show <request id>                   one request with its whole history
  audit export --format csv|jsonl [filters] [--refusals] [--out FILE]
  audit verify [request id] [--receipt R]   compute the chains anew, of one request or of all

filters   --since DAY, --until DAY    asked on these days, both included: 2026-01-31, or 2026-01-31T12:00Z (UTC)
          --person U…                 asked for it or did something with it (a Slack id)
          --training ID  --environment NAME  --channel C…
          --outcome STATE             ${OUTCOMES.join(', ')}

examples  npm run -s audit -- list --since 2026-01-01 --outcome succeeded
          npm run -s audit -- export --format csv --refusals --out january.csv --since 2026-01-01 --until 2026-01-31
          npm run -s audit -- verify 0b7e… --receipt 1a2b-3c4d-5e6f-7081

exit      0 done, intact    1 broken    2 not understood, or the journal could not be read
`;

export type Command =
  | { name: 'help' }
  | { name: 'list'; filter: AuditFilter; limit: number }
  | { name: 'show'; id: string }
  | {
      name: 'export';
      format: 'csv' | 'jsonl';
      filter: AuditFilter;
      refusals: boolean;
      out: string | undefined;
    }
  | { name: 'verify'; id: string | undefined; receipt: string | undefined };

const text = { type: 'string' } as const;
const FILTERS = {
  since: text,
  until: text,
  person: text,
  training: text,
  environment: text,
  channel: text,
  outcome: text,
};
const OPTIONS = {
  list: { ...FILTERS, limit: text },
  show: {},
  export: { ...FILTERS, format: text, refusals: { type: 'boolean' }, out: text },
  verify: { receipt: text },
} as const;

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === undefined || args.includes('--help') || args.includes('-h') || name === 'help')
    return { name: 'help' };
  if (!Object.hasOwn(OPTIONS, name)) throw usage(`There is no command ${JSON.stringify(name)}.`);
  const known = name as keyof typeof OPTIONS;
  const { values, positionals } = parse(known, rest);
  const [id, ...more] = positionals;
  const ids = known === 'list' || known === 'export' ? 0 : 1;
  if (more.length > 0 || (ids === 0 && id !== undefined))
    throw usage(`${known} takes ${ids === 0 ? 'no request id' : 'one request id'}.`);
  switch (known) {
    case 'list':
      return { name: known, filter: filterOf(values), limit: limitOf(values['limit']) };
    case 'show':
      if (id === undefined) throw usage('show needs a request id: it is on the card.');
      return { name: known, id };
    case 'export':
      return {
        name: known,
        format: formatOf(values['format']),
        filter: filterOf(values),
        refusals: values['refusals'] === true,
        out: asText(values['out']),
      };
    case 'verify':
      if (values['receipt'] !== undefined && id === undefined)
        throw usage('--receipt needs the request id too: both are on the card.');
      return { name: known, id, receipt: receiptIn(asText(values['receipt'])) };
  }
}

type Values = Record<string, string | boolean | undefined>;

function parse(name: keyof typeof OPTIONS, args: string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args, options: OPTIONS[name], allowPositionals: true }) as {
      values: Values;
      positionals: string[];
    };
  } catch (error) {
    // What follows is about arguments that begin with a dash, which none of these does.
    const [said] = String((error as { message?: unknown }).message).split('. To specify');
    throw usage(`${said}.`.replace('..', '.'));
  }
}

function filterOf(values: Values): AuditFilter {
  const filter: AuditFilter = {};
  const { since, until, person, training, environment, channel, outcome } = values as Record<string, string>;
  if (since !== undefined) filter.since = timeOf('since', since).from;
  if (until !== undefined) filter.until = timeOf('until', until).to;
  if ((filter.since ?? 0) >= (filter.until ?? Number.POSITIVE_INFINITY))
    throw usage('--since comes after --until, so nothing could fit.');
  if (person !== undefined) filter.person = personOf(person);
  if (training !== undefined) filter.trainingId = training;
  if (environment !== undefined) filter.environment = environment;
  if (channel !== undefined) filter.channel = channel;
  if (outcome !== undefined) filter.outcome = outcomeOf(outcome);
  return filter;
}

function personOf(word: string): string {
  if (/^[UW][A-Z0-9]*$/.test(word)) return word;
  throw usage(`--person is a Slack member id such as U012ABCDEF, not ${JSON.stringify(word)}.`);
}

const DAY_MS = 24 * 3_600_000;

/** The moments from and up to which a day, or a moment, reaches. */
function timeOf(option: string, word: string): { from: number; to: number } {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(word);
  const at = day || /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(word) ? Date.parse(word) : Number.NaN;
  // Date.parse takes the 31st of a short month for the first of the next one.
  if (Number.isNaN(at) || (day && !new Date(at).toISOString().startsWith(word)))
    throw usage(`--${option} ${JSON.stringify(word)} is no day such as 2026-01-31 or 2026-01-31T12:00Z.`);
  return { from: at, to: day ? at + DAY_MS : at };
}

function outcomeOf(word: string): NonNullable<AuditFilter['outcome']> {
  const found = OUTCOMES.find((state) => state === word);
  if (found === undefined) throw usage(`--outcome is one of ${OUTCOMES.join(', ')}.`);
  return found;
}

function formatOf(word: unknown): 'csv' | 'jsonl' {
  if (word === 'csv' || word === 'jsonl') return word;
  throw usage('export needs --format csv or --format jsonl.');
}

function limitOf(word: unknown): number {
  if (word === undefined) return 50;
  if (!/^[1-9]\d{0,8}$/.test(String(word))) throw usage('--limit is a number from 1 on.');
  return Number(word);
}

/** However it was copied from the card: with the word, other dashes, capitals or none. */
function receiptIn(word: string | undefined): string | undefined {
  if (word === undefined) return undefined;
  const digits = word
    .toLowerCase()
    .replace(/^receipt/, '')
    .replace(/[\s\-‐‑–—]/g, '');
  if (!/^[0-9a-f]{16}$/.test(digits))
    throw usage('--receipt is four groups as on the card: 1a2b-3c4d-5e6f-7081.');
  return digits.replace(/.{4}(?!$)/g, '$&-');
}

const asText = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined);

const usage = (message: string) => new UsageError(`${message} See audit --help.`);

export type EnvironmentWord = 'production' | 'sandbox' | 'yandex' | 'yandex-sandbox';

export type ParsedCommand =
  | { kind: 'help' }
  | { kind: 'ask'; trainingId: string; environment: EnvironmentWord | null }
  | Wrong;

interface Wrong {
  kind: 'wrong';
  code: CommandError;
  /** For a conflict: the environment that was typed, and the one to which the link leads. */
  about?: { environment: string; linkEnvironment: string };
}

/** What is wrong with a command. The words for people are in `messages/`. */
export type CommandError =
  | 'no_id'
  | 'bad_id'
  | 'leading_zero'
  | 'pool_link'
  | 'bad_link'
  | 'bad_environment'
  | 'too_many'
  | 'environment_conflict';

const ENVIRONMENT_WORDS: readonly string[] = [
  'production',
  'sandbox',
  'yandex',
  'yandex-sandbox',
] satisfies EnvironmentWord[];

/** Toloka's own hosts, old and new. */
const HOSTS: Record<string, 'production' | 'sandbox'> = {
  'platform.toloka.ai': 'production',
  'toloka.dev': 'production',
  'toloka.yandex.com': 'production',
  'toloka.yandex.ru': 'production',
  'platform.sandbox.toloka.ai': 'sandbox',
  'sandbox.toloka.dev': 'sandbox',
  'sandbox.toloka.yandex.com': 'sandbox',
  'sandbox.toloka.yandex.ru': 'sandbox',
};

/** Toloka's IDs are digits. The longest 64-bit number has 19. */
const ID = /^[1-9]\d{0,18}$/;
const ZERO_FIRST = /^0+[1-9]\d{0,18}$/;
/** Zero-width spaces, direction marks and the like, which come along when text is copied from a page. */
const INVISIBLE = /\p{Cf}/gu;

/**
 * Reads what somebody typed after the command: one training ID or link, and at most one environment. Strict, because a
 * guess could archive the wrong training.
 */
export function parseCommand(text: string): ParsedCommand {
  const [first, second, third] = text.replaceAll(INVISIBLE, '').split(/\s+/).filter(Boolean);
  if (first === undefined) return wrong('no_id');
  if (/^(help|\?|-h|--help)$/i.test(first)) return { kind: 'help' };
  if (third !== undefined) return wrong('too_many');
  const target = readTarget(first);
  if (target.kind === 'wrong' || second === undefined) return target;
  const word = second.toLowerCase();
  if (!ENVIRONMENT_WORDS.includes(word)) return wrong(ID.test(second) ? 'too_many' : 'bad_environment');
  const linkEnvironment = target.environment;
  if (linkEnvironment !== null && linkEnvironment !== kindOf(word))
    return { ...wrong('environment_conflict'), about: { environment: word, linkEnvironment } };
  return { ...target, environment: word as EnvironmentWord };
}

/** Whether a word names a production environment or a sandbox. */
const kindOf = (word: string): 'production' | 'sandbox' =>
  word.includes('sandbox') ? 'sandbox' : 'production';

type Target = Extract<ParsedCommand, { kind: 'ask' }> | Wrong;

function readTarget(word: string): Target {
  // Slack wraps links as <https://…|…>. People who copy one may do the same.
  const bare = word.replace(/^<(https?:[^|>]+)(?:\|[^>]*)?>$/i, '$1');
  if (/^https?:\/\//i.test(bare)) return readLink(bare);
  if (/^[\w.-]+\.\w+\//.test(bare)) return readLink(`https://${bare}`);
  return readId(bare, null) ?? wrong('bad_id');
}

function readLink(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const environment = url && Object.hasOwn(HOSTS, url.hostname) ? HOSTS[url.hostname] : undefined;
  if (url === undefined || environment === undefined) return wrong('bad_link');
  if (/\/pool\/\d+\/?$/.test(url.pathname) || /\/pools\/\d+/.test(url.pathname)) return wrong('pool_link');
  const digits = /\/trainings?\/(\d+)(?:\/|$)/.exec(url.pathname)?.[1] ?? '';
  return readId(digits, environment) ?? wrong('bad_link');
}

function readId(digits: string, environment: EnvironmentWord | null): Target | null {
  if (ID.test(digits)) return { kind: 'ask', trainingId: digits, environment };
  return ZERO_FIRST.test(digits) ? wrong('leading_zero') : null;
}

const wrong = (code: CommandError): Wrong => ({ kind: 'wrong', code });

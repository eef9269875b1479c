export type EnvironmentWord = 'production' | 'sandbox' | 'yandex' | 'yandex-sandbox';

export type ParsedCommand =
  | { kind: 'help' }
  | { kind: 'ask'; trainingId: string; environment: EnvironmentWord | null }
  | { kind: 'wrong'; code: WrongCode; message: string };

export type WrongCode =
  | 'no_id'
  | 'bad_id'
  | 'pool_link'
  | 'bad_link'
  | 'bad_environment'
  | 'too_many'
  | 'environment_conflict';

const ENVIRONMENT_WORDS: readonly string[] = ['production', 'sandbox', 'yandex', 'yandex-sandbox'];

/** Toloka's own hosts, old and new, and what they are. */
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

/** Toloka's ids are digits; the longest that a 64-bit number has is 19. */
const ID = /^[1-9]\d{0,18}$/;

/**
 * Reads what somebody typed after the command. Strict, since a guess could archive the wrong training: what is not
 * plainly one id (or one link to a training), with at most one environment, is explained and not used.
 */
export function parseCommand(text: string): ParsedCommand {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const [first, second, ...more] = words;
  if (first === undefined) return wrong('no_id', 'Which training? Give its id or a link to it.');
  if (/^(help|\?|-h|--help)$/i.test(first)) return { kind: 'help' };
  if (more.length > 0)
    return wrong('too_many', 'That is more than one id and one environment. One training at a time.');
  const target = readTarget(first);
  if (target.kind === 'wrong') return target;
  if (second === undefined)
    return { kind: 'ask', trainingId: target.trainingId, environment: target.environment };
  const word = second.toLowerCase();
  if (!ENVIRONMENT_WORDS.includes(word))
    return ID.test(second)
      ? wrong('too_many', 'One training at a time, please: these are two ids.')
      : wrong('bad_environment', 'The second word names the environment: `production` or `sandbox`.');
  if (target.environment !== null && target.environment !== kindOf(word))
    return wrong(
      'environment_conflict',
      `The link leads to ${target.environment}, but you wrote ${word}. Leave one of them out.`,
    );
  return { kind: 'ask', trainingId: target.trainingId, environment: word as EnvironmentWord };
}

export const kindOf = (word: string): 'production' | 'sandbox' =>
  word.includes('sandbox') ? 'sandbox' : 'production';

type Target = { kind: 'target'; trainingId: string; environment: EnvironmentWord | null } | Wrong;
type Wrong = Extract<ParsedCommand, { kind: 'wrong' }>;

function readTarget(word: string): Target {
  // Slack wraps links as <https://…|…>, and so may the person who copies one.
  const bare = word.replace(/^<(https?:[^|>]+)(?:\|[^>]*)?>$/, '$1');
  if (/^(https?:\/\/|[\w.-]+\.\w+\/)/i.test(bare)) return readLink(bare);
  if (ID.test(bare)) return { kind: 'target', trainingId: bare, environment: null };
  return wrong(
    'bad_id',
    'That is not a training id. An id has digits only, up to 19 of them, such as 123456: no sign, words, mention or formatting.',
  );
}

function readLink(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.toLowerCase() ?? '';
  const environment = Object.hasOwn(HOSTS, host) ? HOSTS[host] : undefined;
  if (url === undefined || environment === undefined)
    return wrong(
      'bad_link',
      'That link does not lead to Toloka. Copy it from the training’s page there, or give the id.',
    );
  if (/\/pool\/\d+\/?$/.test(url.pathname) || /\/pools\/\d+/.test(url.pathname))
    return wrong(
      'pool_link',
      'That link leads to a pool, not to a training. This command archives trainings only: open the training in Toloka and copy its link or id.',
    );
  const id = /\/trainings?\/(\d+)(?:\/|$)/.exec(url.pathname)?.[1];
  if (id === undefined || !ID.test(id))
    return wrong(
      'bad_link',
      'That link does not lead to a training. A training’s link ends in /training/ and its id.',
    );
  return { kind: 'target', trainingId: id, environment };
}

const wrong = (code: WrongCode, message: string): Wrong => ({ kind: 'wrong', code, message });

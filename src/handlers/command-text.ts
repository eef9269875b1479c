const ENVIRONMENT_WORDS = ['production', 'sandbox', 'yandex', 'yandex-sandbox'] as const;
export type EnvironmentWord = (typeof ENVIRONMENT_WORDS)[number];

export type ParsedCommand =
  | { kind: 'help' | 'list' }
  | { kind: 'resume' }
  | { kind: 'pick'; environment: EnvironmentWord | null }
  | { kind: 'pause'; reason: string }
  /** `history` and `check` are about one training; `status` is about its newest request. */
  | { kind: 'status' | 'history' | 'check'; trainingId: string; environment: EnvironmentWord | null }
  | { kind: 'ask'; trainingIds: string[]; environment: EnvironmentWord | null }
  | Wrong;

interface Wrong {
  kind: 'wrong';
  code: CommandError;
  about?: {
    /** For a conflict: the environment that was typed, and the one to which the link leads. */
    environment?: string;
    linkEnvironment?: string;
    trainingId?: string;
  };
}

/** What is wrong with a command. The words for people are in `messages/`. */
export type CommandError =
  | 'unknown_command'
  | 'no_id'
  | 'no_reason'
  | 'resume_is_for_all'
  | 'bad_id'
  | 'leading_zero'
  | 'pool_link'
  | 'bad_link'
  | 'bad_environment'
  | 'one_training'
  | 'duplicate_id'
  | 'too_many'
  | 'environment_conflict';

const environmentOf = (word: string): EnvironmentWord | null =>
  ENVIRONMENT_WORDS.find((one) => one === word.toLowerCase()) ?? null;

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

/** How many trainings can be archived at once. */
export const MOST_TRAININGS = 20;

/** Toloka's IDs are digits. The longest 64-bit number has 19. */
const ID = /^[1-9]\d{0,18}$/;
const ZERO_FIRST = /^0+[1-9]\d{0,18}$/;
/** Zero-width spaces, direction marks and the like, which come along when text is copied from a page. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const visible = (text: string): string => text.replaceAll(INVISIBLE, '');
/** It is invisible, but JavaScript takes it for white space. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads what somebody typed after the command: IDs or links of trainings and at most one environment, or a word such as
 * `list`. Strict, because a guess could archive the wrong training.
 */
export function parseCommand(text: string): ParsedCommand {
  const given = text.replaceAll(BYTE_ORDER_MARK, '');
  const words = [...given.matchAll(/[^\s,;]+/g)].map(({ 0: one, index }) => ({
    ...{ word: visible(one), end: index + one.length },
  }));
  const [first = { word: '', end: 0 }, ...others] = words.filter((one) => one.word !== '');
  const rest = others.map((one) => one.word);
  const word = first.word.toLowerCase();
  switch (word) {
    case 'help':
    case '?':
    case '-h':
    case '--help':
      return { kind: 'help' };
    case 'list':
      return { kind: word };
    case 'resume':
      return rest.length === 0 ? { kind: word } : wrong('resume_is_for_all');
    case 'pause': {
      // An ID alone is a reason too. A denial would leave the training that somebody wants to stop being archived.
      // As it was typed: some of what is invisible holds an emoji or a word together.
      const reason = given.slice(first.end).trim();
      return visible(reason).trim() === '' ? wrong('no_reason') : { kind: 'pause', reason };
    }
    case 'status':
    case 'history':
    case 'check': {
      const read = readTargets(rest);
      if (read.kind === 'wrong') return read;
      const [trainingId, ...more] = read.trainingIds;
      if (trainingId === undefined) return wrong('no_id');
      return more.length > 0
        ? wrong('one_training')
        : { kind: word, trainingId, environment: read.environment };
    }
    default: {
      const read = readTargets(word === '' ? [] : [first.word, ...rest]);
      if (read.kind === 'ask' && read.trainingIds.length === 0)
        return { kind: 'pick', environment: read.environment };
      const isWord = /^[a-z]{2,}$/.test(word) && environmentOf(word) === null;
      return isWord && read.kind === 'wrong' && read.code === 'bad_id' ? wrong('unknown_command') : read;
    }
  }
}

type Targets = Extract<ParsedCommand, { kind: 'ask' }> | Wrong;

/** IDs and links, and then at most one environment. All must be of the same one. */
function readTargets(words: readonly string[]): Targets {
  const typed = environmentOf(words.at(-1) ?? '');
  const trainingIds: string[] = [];
  let linked: EnvironmentWord | null = null;
  for (const [i, word] of words.slice(0, typed === null ? undefined : -1).entries()) {
    const target = readTarget(word);
    // A word that is neither comes last, where an environment is expected.
    if (target.kind === 'wrong') return i > 0 && target.code === 'bad_id' ? wrong('bad_environment') : target;
    const [trainingId = ''] = target.trainingIds;
    const { environment } = target;
    const conflict = { environment: linked ?? '', linkEnvironment: environment ?? '' };
    if (environment !== null && linked !== null && environment !== linked)
      return { ...wrong('environment_conflict'), about: conflict };
    linked ??= environment;
    if (trainingIds.includes(trainingId)) return { ...wrong('duplicate_id'), about: { trainingId } };
    trainingIds.push(trainingId);
  }
  if (trainingIds.length > MOST_TRAININGS) return wrong('too_many');
  if (typed !== null && linked !== null && linked !== kindOf(typed))
    return { ...wrong('environment_conflict'), about: { environment: typed, linkEnvironment: linked } };
  return { kind: 'ask', trainingIds, environment: typed ?? linked };
}

/** Whether a word names a production environment or a sandbox. */
const kindOf = (word: string): 'production' | 'sandbox' =>
  word.includes('sandbox') ? 'sandbox' : 'production';

function readTarget(word: string): Targets {
  // Slack wraps links as <https://…|…>. People who copy one may do the same.
  const bare = word.replace(/^<(https?:[^|>]+)(?:\|[^>]*)?>$/i, '$1');
  if (/^https?:\/\//i.test(bare)) return readLink(bare);
  if (/^[\w.-]+\.\w+\//.test(bare)) return readLink(`https://${bare}`);
  return readId(bare, null) ?? wrong('bad_id');
}

function readLink(text: string): Targets {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const environment = url && Object.hasOwn(HOSTS, url.hostname) ? HOSTS[url.hostname] : undefined;
  if (url === undefined || environment === undefined) return wrong('bad_link');
  if (/\/pool\/\d+\/?$/.test(url.pathname) || /\/pools\/\d+/.test(url.pathname)) return wrong('pool_link');
  const digits = /\/trainings?\/(\d+)(?:\/|$)/.exec(url.pathname)?.[1] ?? '';
  return readId(digits, environment) ?? wrong('bad_link');
}

function readId(digits: string, environment: EnvironmentWord | null): Targets | null {
  if (ID.test(digits)) return { kind: 'ask', trainingIds: [digits], environment };
  return ZERO_FIRST.test(digits) ? wrong('leading_zero') : null;
}

const wrong = (code: CommandError): Wrong => ({ kind: 'wrong', code });

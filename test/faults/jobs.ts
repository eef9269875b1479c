import type { TolokaAccount } from '../../fakes/toloka';
import type { Random } from './random';

/**
 * What people do about a training, and in how many of fifty jobs; the rest is plain.
 * * `plain`: asks, confirms, waits for the answer.
 * * `doubled`: the confirmation is delivered twice.
 * * `hasty`: closes the window right after the click.
 * * `cancel`: closes the window instead of confirming.
 * * `retry`: uses a card's Try again, where there is one.
 * * `renamed`, `opened`: the training changes between the plan and the click.
 * * `raced`: the confirmation is delivered twice and the training changes between the two readings.
 * * `late`: Toloka fails some readings after the click, so that the answer takes longer than Slack waits for one.
 * * `revoked`: the person loses the right to archive between the plan and the click.
 * * `outsider`: a person without the right asks.
 * * `elsewhere`: somebody asks in a channel where archiving is not allowed.
 * * `twice`: the archive fails in Toloka, the person asks once more, and that second POST is lost on its way.
 */
const STYLES = {
  ...{ doubled: 4, hasty: 2, cancel: 2, retry: 3 },
  ...{ renamed: 3, opened: 1, raced: 3, late: 2 },
  ...{ revoked: 3, outsider: 2, elsewhere: 1 },
  twice: 2,
};
/** What people do about several trainings at once, by a list of IDs or in the picker. */
const MANY: Style[] = [
  'plain',
  'doubled',
  'hasty',
  'cancel',
  'renamed',
  'opened',
  'late',
  'revoked',
  'outsider',
];
const [LISTS, PICKS] = [5, 2];
const DECK = 50;
const MOST_AT_ONCE = 6;
/** So many of those lists have one training that somebody else asks for at about the same time, or one that is open. */
const SHARED = 0.4;
const NOT_READY = 0.3;

type Style = keyof typeof STYLES | 'plain';

export interface Job {
  /** The first one alone, unless it is about several. */
  trainingIds: string[];
  channel: string;
  style: Style;
  picked: boolean;
}

type Card = Pick<Job, 'style' | 'picked'> & { many: boolean };

const PROJECTS = 12;
const FIRST_ID = 500_000;
/** From here on, trainings are for the environment in which other people must approve. One account serves both. */
const FIRST_GUARDED_ID = 550_000;
const GUARDED = 0.25;

export const environmentOf = (trainingId = ''): 'production' | 'sandbox' =>
  Number(trainingId) < FIRST_GUARDED_ID ? 'production' : 'sandbox';
/** So many trainings are asked for by two people at once, and so many once more later. */
const AT_ONCE = 0.12;
const AGAIN = 0.1;

/** Would notify a whole channel, or format something, if a message showed it unescaped. */
export const HOSTILE = '<!channel> & <b>';

export interface Deal {
  jobs: number;
  people: readonly string[];
  channels: readonly string[];
  /** Where archiving is not allowed. */
  elsewhere: string;
}

/**
 * Fills the account and deals out the work: one list for each person. A training that two people ask for is at about
 * the same place in both lists.
 */
export function dealJobs(account: TolokaAccount, random: Random, deal: Deal): Map<string, Job[]> {
  const { jobs, people, channels, elsewhere } = deal;
  for (let i = 0; i < PROJECTS; i++)
    account.addProject({ id: `${900 + i}`, public_name: named(`Project ${i}`, i % 3 === 0) });
  const hands = new Map<string, Job[]>(people.map((person) => [person, []]));
  const seen: string[] = [];
  const nextCard = createDeck(random);
  let turn = 0;
  const hand = (trainingIds: string[], { style, picked }: Card) => {
    const person = people[turn++ % people.length] as string;
    const channel = style === 'elsewhere' ? elsewhere : random.pick(channels);
    hands.get(person)?.push({ trainingIds, channel, style, picked });
  };
  const add = ({ guarded, ...more }: { guarded: boolean; fails?: boolean; status?: 'OPEN' }) => {
    const first = guarded ? FIRST_GUARDED_ID : FIRST_ID;
    const id = addTraining(account, random, { number: first + seen.length, ...more });
    seen.push(id);
    return id;
  };
  /** Several new ones. A list may have one more that is not ready, or that somebody else asks for as well. */
  const addMany = (picked: boolean, guarded: boolean): string[] => {
    const ids = Array.from({ length: random.whole(2, MOST_AT_ONCE - 1) }, () => add({ guarded }));
    const others = seen.slice(-20, -ids.length).filter((id) => environmentOf(id) === environmentOf(ids[0]));
    const [isShared, isNotReady] = [random.chance(SHARED), random.chance(NOT_READY)];
    if (picked) return ids;
    if (isNotReady) return [...ids, add({ guarded, status: 'OPEN' })];
    return isShared && others.length > 0 ? [random.pick(others), ...ids] : ids;
  };
  for (let dealt = 0; dealt < jobs; ) {
    const card = nextCard();
    const isAgain = seen.length > 40 && random.chance(AGAIN);
    const guarded = !card.picked && random.chance(GUARDED);
    const first = card.many
      ? addMany(card.picked, guarded)
      : [isAgain ? random.pick(seen.slice(0, -20)) : add({ guarded, fails: card.style === 'twice' })];
    hand(first, card);
    dealt += first.length;
    if (card.many || isAgain || !random.chance(AT_ONCE)) continue;
    const other = nextCard();
    const second = other.many ? [...first, add({ guarded })] : first;
    // The picker chooses for the other environment.
    hand(second, { ...other, picked: other.picked && !guarded });
    dealt += second.length;
  }
  return hands;
}

/** Each style as often as it should come in fifty jobs, so that a short run has all of them too. */
function createDeck(random: Random): () => Card {
  const styles = Object.entries(STYLES) as [Style, number][];
  const alone = (style: Style): Card => ({ style, picked: false, many: false });
  const special = styles.flatMap(([style, count]) => Array.from({ length: count }, () => alone(style)));
  let many = 0;
  const several = (picked: boolean): Card => {
    if (many++ % 2 === 0) return { style: 'plain', picked, many: true };
    return { style: random.pick(MANY), picked, many: true };
  };
  let deck: Card[] = [];
  return () => {
    if (deck.length === 0) {
      const lists = Array.from({ length: LISTS + PICKS }, (_, i) => several(i < PICKS));
      const plain = Array.from({ length: DECK - special.length - lists.length }, () => alone('plain'));
      deck = random.shuffled([...special, ...lists, ...plain]);
    }
    return deck.pop() ?? alone('plain');
  };
}

export const renamed = (id: string, random: Random) => ({
  private_name: `Renamed ${id} ${random.whole(1_000, 9_999)} ${HOSTILE}`,
});

function addTraining(
  account: TolokaAccount,
  random: Random,
  {
    number,
    fails = false,
    status = 'CLOSED',
  }: { number: number; fails?: boolean; status?: 'CLOSED' | 'OPEN' },
): string {
  const id = String(number);
  const project_id = String(900 + random.whole(0, PROJECTS - 1));
  const isHostile = random.chance(0.3);
  account.addTraining({
    id,
    project_id,
    status,
    private_name: named(`Training ${number}`, isHostile),
    operationMs: random.chance(0.12) ? random.whole(4_000, 8_000) : random.whole(150, 1_500),
    whileArchiving: random.chance(0.2) ? 'LOCKED' : 'CLOSED',
    ...((random.chance(0.06) || fails) && {
      archiveOutcome: { status: 'FAIL', details: { error: named('Something broke', isHostile) } },
    }),
  });
  if (random.chance(0.3)) {
    account.addPool({
      project_id,
      private_name: named(`Pool of ${number}`, isHostile),
      status: 'ARCHIVED',
      quality_control: {
        training_requirement: { training_pool_id: id, training_passing_skill_value: 80 },
      },
    });
  }
  return id;
}

const named = (name: string, isHostile: boolean): string => (isHostile ? `${name} ${HOSTILE}` : name);

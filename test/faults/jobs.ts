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
 * * `revoked`: the person loses the right to archive between the plan and the click.
 * * `outsider`: a person without the right asks.
 * * `elsewhere`: somebody asks in a channel where archiving is not allowed.
 * * `twice`: the archive fails in Toloka, the person asks once more, and that second POST is lost on its way.
 */
const STYLES = {
  ...{ doubled: 4, hasty: 2, cancel: 2, retry: 3 },
  ...{ renamed: 3, opened: 1, raced: 3 },
  ...{ revoked: 3, outsider: 2, elsewhere: 1 },
  twice: 2,
};
const DECK = 50;

type Style = keyof typeof STYLES | 'plain';

export interface Job {
  trainingId: string;
  channel: string;
  style: Style;
}

const PROJECTS = 12;
const FIRST_ID = 500_000;
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
  const nextStyle = createDeck(random);
  let turn = 0;
  const hand = (trainingId: string, style: Style) => {
    const person = people[turn++ % people.length] as string;
    const channel = style === 'elsewhere' ? elsewhere : random.pick(channels);
    hands.get(person)?.push({ trainingId, channel, style });
  };
  for (let dealt = 0; dealt < jobs; ) {
    if (seen.length > 40 && random.chance(AGAIN)) {
      hand(random.pick(seen.slice(0, -20)), nextStyle());
      dealt += 1;
      continue;
    }
    const style = nextStyle();
    const id = addTraining(account, random, FIRST_ID + seen.length, style === 'twice');
    seen.push(id);
    const times = random.chance(AT_ONCE) ? 2 : 1;
    hand(id, style);
    if (times === 2) hand(id, nextStyle());
    dealt += times;
  }
  return hands;
}

/** Each style as often as it should come in fifty jobs, so that a short run has all of them too. */
function createDeck(random: Random): () => Style {
  const styles = Object.entries(STYLES) as [Style, number][];
  const special = styles.flatMap(([style, count]) => Array.from({ length: count }, () => style));
  const plain = Array.from({ length: DECK - special.length }, (): Style => 'plain');
  let deck: Style[] = [];
  return () => {
    if (deck.length === 0) deck = random.shuffled([...special, ...plain]);
    return deck.pop() ?? 'plain';
  };
}

function addTraining(account: TolokaAccount, random: Random, number: number, fails: boolean): string {
  const id = String(number);
  const project_id = String(900 + random.whole(0, PROJECTS - 1));
  const isHostile = random.chance(0.3);
  account.addTraining({
    id,
    project_id,
    status: 'CLOSED',
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

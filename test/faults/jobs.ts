import type { TolokaAccount } from '../../demo/toloka';
import type { Random } from './random';

/** What one person is to do about one training. */
export interface Job {
  trainingId: string;
  channel: string;
  style: 'plain' | 'doubled' | 'cancel' | 'drift' | 'hasty' | 'retry';
}

const PROJECTS = 12;
const FIRST_ID = 500_000;
/** Of a person's acts, what is done otherwise than plainly. */
const STYLES: [Job['style'], number][] = [
  ['doubled', 0.12],
  ['cancel', 0.05],
  ['drift', 0.06],
  ['hasty', 0.06],
  ['retry', 0.08],
];
/** So many are asked for by two people at once, and so many once more later. */
const AT_ONCE = 0.12;
const AGAIN = 0.1;

/**
 * Fills the account and deals out the work: one list for each person. A training that two people ask for stands at
 * about the same place in both lists.
 */
export function dealJobs(
  account: TolokaAccount,
  random: Random,
  { jobs, people, channels }: { jobs: number; people: readonly string[]; channels: readonly string[] },
): Map<string, Job[]> {
  for (let i = 0; i < PROJECTS; i++) account.addProject({ id: `${900 + i}`, public_name: `Project ${i}` });
  const hands = new Map<string, Job[]>(people.map((person) => [person, []]));
  const seen: string[] = [];
  let turn = 0;
  const deal = (trainingId: string) => {
    const person = people[turn++ % people.length] as string;
    hands.get(person)?.push({ trainingId, channel: random.pick(channels), style: styleFor(random) });
  };
  for (let dealt = 0; dealt < jobs; ) {
    if (seen.length > 40 && random.chance(AGAIN)) {
      deal(random.pick(seen.slice(0, -20)));
      dealt += 1;
      continue;
    }
    const id = addTraining(account, random, FIRST_ID + seen.length);
    seen.push(id);
    const times = random.chance(AT_ONCE) ? 2 : 1;
    for (let i = 0; i < times; i++) deal(id);
    dealt += times;
  }
  return hands;
}

function styleFor(random: Random): Job['style'] {
  let left = random.next();
  for (const [style, share] of STYLES) {
    left -= share;
    if (left < 0) return style;
  }
  return 'plain';
}

function addTraining(account: TolokaAccount, random: Random, number: number): string {
  const id = String(number);
  const project_id = String(900 + random.whole(0, PROJECTS - 1));
  account.addTraining({
    id,
    project_id,
    status: 'CLOSED',
    private_name: `Training ${number}`,
    operationMs: random.chance(0.05) ? random.whole(4_000, 8_000) : random.whole(150, 1_500),
    whileArchiving: random.chance(0.2) ? 'LOCKED' : 'CLOSED',
    ...(random.chance(0.06) && { archiveOutcome: { status: 'FAIL' } }),
  });
  if (random.chance(0.3)) {
    account.addPool({
      project_id,
      private_name: `Pool of ${number}`,
      status: 'ARCHIVED',
      quality_control: {
        training_requirement: { training_pool_id: id, training_passing_skill_value: 80 },
      },
    });
  }
  return id;
}

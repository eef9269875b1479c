import type { TolokaAccountData } from './options';
import type { PoolInput, Status, TrainingInput } from './types';

/** The two projects of the demo. */
export const DEMO_PROJECTS = { signs: '74175', audio: '81776' } as const;

/** The trainings of the demo: an ID to type, and what a person sees with it. Those of the story are nobody else's. */
export const DEMO_TRAININGS = {
  ready: { id: '123456', about: 'Closed, both of its pools are archived: ready to archive.' },
  poolOpen: {
    id: '123457',
    about: 'Closed, but one of its pools is still open and another one is not archived.',
  },
  open: { id: '123458', about: 'Still open: it must be closed first.' },
  fails: { id: '123459', about: 'Looks ready, but fails in Toloka, which gives no reason.' },
  archived: { id: '123460', about: 'Already archived: there is nothing left to do.' },
  locked: { id: '123461', about: 'Locked by Toloka: it cannot be archived for now.' },
  foreign: { id: '123462', about: 'Belongs to another account: Toloka denies access.' },
  projectLevel: {
    id: '123463',
    about: 'Required by a whole project, which has a pool that is not archived.',
  },
  oddName: { id: '123464', about: 'Ready, with a name of 300 characters that tries to ping the channel.' },
  unlinked: { id: '123465', about: 'Closed, and no pool uses it: ready to archive.' },
  slow: { id: '123466', about: 'Ready, but takes a minute: watch the progress.' },
  endless: { id: '123467', about: 'Ready, but archiving never ends.' },
  lockedMeanwhile: { id: '123468', about: 'Ready, and shown as locked while Toloka archives it.' },
  storyBlocked: {
    id: '123481',
    about: 'The story’s: closed, but one of its pools is still open and another one is not archived.',
  },
  storyReady: { id: '123482', about: 'The story’s: closed, its pool is archived: ready to archive.' },
  storyFails: {
    id: '123483',
    about: 'The story’s: looks ready, but fails in Toloka, which gives no reason.',
  },
} as const satisfies Record<string, { id: string; about: string }>;

const NOT_CLOSED: Partial<Record<keyof typeof DEMO_TRAININGS, Status>> = {
  open: 'OPEN',
  archived: 'ARCHIVED',
  locked: 'LOCKED',
};

const ODD_NAME = '<!channel> & *_~ '.repeat(20).slice(0, 300);
const DAY = 24 * 60 * 60 * 1000;

/** A realistic account: people label street signs and transcribe audio. */
export function seedDemo(account: TolokaAccountData): void {
  const { signs, audio } = DEMO_PROJECTS;
  const daysAgo = (days: number) => account.now() - days * DAY;
  account.addProject({ id: signs, public_name: 'Read the street sign', created: daysAgo(420) });
  account.addProject({
    id: audio,
    public_name: 'Write down what you hear',
    created: daysAgo(300),
    // Every pool of this project that does not name its own training requires this one.
    quality_control: requires(DEMO_TRAININGS.projectLevel.id),
  });

  const training = (
    name: keyof typeof DEMO_TRAININGS,
    input: Partial<TrainingInput> & { private_name: string },
  ) =>
    account.addTraining({
      id: DEMO_TRAININGS[name].id,
      project_id: signs,
      status: NOT_CLOSED[name] ?? 'CLOSED',
      last_close_reason: 'MANUAL',
      created: daysAgo(200),
      last_started: daysAgo(190),
      last_stopped: daysAgo(40),
      ...input,
    });
  let poolId = 32_267_580;
  const pool = (of: keyof typeof DEMO_TRAININGS, private_name: string, input: Partial<PoolInput> = {}) =>
    account.addPool({
      id: String(++poolId),
      project_id: signs,
      private_name,
      status: 'ARCHIVED',
      last_close_reason: 'COMPLETED',
      created: daysAgo(180),
      last_started: daysAgo(180),
      last_stopped: daysAgo(100),
      quality_control: requires(DEMO_TRAININGS[of].id),
      ...input,
    });

  training('ready', { private_name: 'Street signs, training 1' });
  pool('ready', 'Street signs, spring');
  pool('ready', 'Street signs, summer');

  training('poolOpen', { private_name: 'Street signs, training 2' });
  pool('poolOpen', 'Street signs, autumn');
  pool('poolOpen', 'Street signs, winter', { status: 'CLOSED' });
  pool('poolOpen', 'Street signs, this week', { status: 'OPEN', last_started: daysAgo(3) });

  training('open', { private_name: 'Street signs, newcomers', last_started: daysAgo(2) });
  pool('open', 'Street signs, trial');

  training('fails', { private_name: 'Street signs at night', archiveOutcome: { status: 'FAIL' } });
  pool('fails', 'Night shift');

  training('archived', { private_name: 'Street signs, 2023' });
  training('locked', { private_name: 'Street signs, migrated' });
  training('foreign', { private_name: 'Not yours', foreign: true });

  training('projectLevel', { private_name: 'How to listen', project_id: audio });
  const inAudio = (of: keyof typeof DEMO_TRAININGS, name: string, input: Partial<PoolInput> = {}) =>
    pool(of, name, { project_id: audio, ...input });
  inAudio('projectLevel', 'Interviews', { quality_control: {} });
  inAudio('projectLevel', 'Phone calls', { quality_control: {}, status: 'CLOSED' });

  training('oddName', { private_name: ODD_NAME, project_id: audio });
  inAudio('oddName', 'Podcasts');

  training('unlinked', { private_name: 'Never used' });
  training('slow', { private_name: 'Street signs, the big one', operationMs: 60_000 });
  pool('slow', 'Street signs, all of Europe');
  training('endless', { private_name: 'Street signs, stuck', operationMs: Number.POSITIVE_INFINITY });
  training('lockedMeanwhile', { private_name: 'Street signs, training 3', whileArchiving: 'LOCKED' });

  training('storyBlocked', { private_name: 'Shop signs, training 2' });
  pool('storyBlocked', 'Shop signs, winter', { status: 'CLOSED' });
  pool('storyBlocked', 'Shop signs, this week', { status: 'OPEN', last_started: daysAgo(3) });
  training('storyReady', { private_name: 'Shop signs, training 1' });
  pool('storyReady', 'Shop signs, spring');
  training('storyFails', { private_name: 'Shop signs at night', archiveOutcome: { status: 'FAIL' } });
  pool('storyFails', 'Shop signs, night shift');
}

/** What links a pool, or a whole project, to a training. */
export function requires(trainingId: string, passingSkill = 80) {
  return {
    training_requirement: { training_pool_id: trainingId, training_passing_skill_value: passingSkill },
  };
}

import { requires, type TolokaAccountOptions } from '../fakes/toloka';
import { createFakes, type Fakes, TOKENS } from '../test/support/harness';

export const CHANNEL = 'C01BENCH';
export const PROJECT = '74175';
/** Archived pools around the trainings, as in a project that was used for a while. */
const POOLS = 30;
/** The app's own defaults, in place of those of the tests. */
const DEFAULTS = { LOG_LEVEL: 'info', LEASE_SECONDS: '60', UNKNOWN_GRACE_SECONDS: '30' };

/** Epoch milliseconds with fractions. Whole ones would be too coarse for 50 archives a second. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

export interface BenchFakes extends Fakes {
  people: string[];
  /** Of the Toloka account. */
  token: string;
  /** Adds a training that is ready to be archived, and returns its ID. */
  newTraining(): string;
}

/** A Slack workspace with 50 people and a Toloka account, both in this process, for an app in another one. */
export async function createBenchFakes(
  account: Partial<TolokaAccountOptions> = {},
  channels: readonly string[] = [CHANNEL],
): Promise<BenchFakes> {
  const people = Array.from({ length: 50 }, (_, n) => `U${String(n + 1).padStart(3, '0')}BENCH`);
  const fakes = await createFakes({
    account: { operationMs: 0, now: preciseNow, seed: () => {}, ...account },
    workspace: {
      people: people.map((id) => ({ id, name: id.toLowerCase() })),
      channels: channels.map((id) => ({ id, name: id.toLowerCase(), members: people, bot: true })),
      userGroups: [],
      now: preciseNow,
      // The fakes share two cores with what they measure. Slack's 3 s would be over too soon.
      triggerLifeMs: 60_000,
      ackTimeoutMs: 60_000,
    },
  });
  const toloka = fakes.account;
  toloka.addProject({ id: PROJECT, public_name: 'Read the street sign' });
  const newTraining = () => toloka.addTraining({ project_id: PROJECT, status: 'CLOSED' }).id;
  const first = newTraining();
  for (let n = 0; n < POOLS; n++)
    toloka.addPool({ project_id: PROJECT, status: 'ARCHIVED', quality_control: requires(first) });
  return {
    ...fakes,
    people,
    token: TOKENS.toloka,
    newTraining,
    env: (more = {}) => fakes.env({ ...DEFAULTS, ...more }),
  };
}

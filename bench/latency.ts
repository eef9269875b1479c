import { join } from 'node:path';
import { createDriver, type Driver, type Steps } from './driver';
import { type BenchFakes, createBenchFakes, PROJECT } from './fakes';
import { cpuMs, type Running, startNode } from './processes';
import { APP, bareBolt } from './programs';
import { compared, type Part, type PartOptions, type Row } from './row';
import { compareMedians, compareTails, interleave, median, type Rounds } from './stats';

const AIM = 1.3;
const CROWD = 50;

interface Contestant {
  fakes: BenchFakes;
  driver: Driver;
  process: Running;
}

async function start(args: string[], words: string, recorded = false): Promise<Contestant> {
  const fakes = await createBenchFakes();
  const record = { BENCH_RECORD: join(fakes.directory, 'record.jsonl'), BENCH_PROJECT: PROJECT };
  // The app's request budget, which protects Toloka, would be all that is measured.
  const process = startNode(
    args,
    fakes.env({ TOLOKA_REQUESTS_PER_SECOND: '100000', ...(recorded && record) }),
  );
  await process.said(words);
  await fakes.workspace.waitFor(() => fakes.workspace.socket.connections().length > 0);
  return { fakes, driver: createDriver(fakes), process };
}

/** One person after the other, each when nothing is left to do for the one before. */
async function oneByOne({ driver, fakes }: Contestant, times: number): Promise<Steps[]> {
  const steps: Steps[] = [];
  for (let n = 0; n < times; n++) {
    steps.push(await driver.archive(fakes.people[n % CROWD] ?? ''));
    await driver.quiet();
  }
  return steps;
}

/** All people at the same moment: first all type the command, then all submit. */
async function together({ driver, fakes }: Contestant): Promise<Steps[]> {
  const asked = fakes.people.map((person) => ({ person, trainingId: fakes.newTraining() }));
  const plans = await Promise.all(asked.map(({ person, trainingId }) => driver.ask(person, trainingId)));
  const posts = await Promise.all(asked.map(({ person, trainingId }) => driver.confirm(person, trainingId)));
  const none = { modal: Number.NaN, plan: Number.NaN, post: Number.NaN, closed: Number.NaN };
  return asked.map((_, n) => ({ ...none, ...plans[n], ...posts[n] }));
}

interface Saturated {
  msEach: number;
  /** Share of one core that the app used. */
  app: number;
  /** Share of one core that this process (the fakes and the driver) used. */
  bench: number;
}

/** 50 people, each archiving one training after the other without a pause. */
async function saturated({ driver, fakes, process: child }: Contestant, ms: number): Promise<Saturated> {
  const began = performance.now();
  const before = { app: cpuMs(child), own: process.cpuUsage() };
  let done = 0;
  const work = async (person: string) => {
    while (performance.now() - began < ms) {
      await driver.archive(person);
      done += 1;
    }
  };
  await Promise.all(fakes.people.map(work));
  const took = performance.now() - began;
  const own = process.cpuUsage(before.own);
  return {
    msEach: took / done,
    app: (cpuMs(child) - before.app) / took,
    bench: (own.user + own.system) / 1000 / took,
  };
}

async function measure(ours: Contestant, theirs: Contestant, { quick }: PartOptions) {
  const steps = { one: rounds(), crowd: rounds() };
  const shares = { ours: [] as Saturated[], theirs: [] as Saturated[] };
  const contest = (who: 'ours' | 'theirs', contestant: Contestant) => async () => {
    await oneByOne(contestant, quick ? 2 : 3);
    steps.one[who].push(await oneByOne(contestant, quick ? 5 : 25));
    steps.crowd[who].push(await together(contestant));
    const share = await saturated(contestant, quick ? 1_000 : 5_000);
    shares[who].push(share);
    return [share.msEach];
  };
  const each = await interleave(quick ? 1 : 7, contest('ours', ours), contest('theirs', theirs));
  return { steps, each, shares };
}

const rounds = () => ({ ours: [] as Steps[][], theirs: [] as Steps[][] });

const pick = ({ ours, theirs }: ReturnType<typeof rounds>, step: keyof Steps): Rounds => ({
  ours: ours.map((round) => round.map((one) => one[step])),
  theirs: theirs.map((round) => round.map((one) => one[step])),
});

const WHY =
  'Why the submit is over its aim: bare Bolt sends the POST after one message. This app first reads the training, project and pools again (5 GETs at once) and does two commits to the disk. The second peer does the same, which already takes twice the time of bare Bolt. The rest is the checks themselves, the hash chain and the fences. With 50 at once, the work after the first POST (journal, card, thread) also competes for the same core with the last POST.';

export const latency: Part = {
  title: 'Command to modal, submit to archive call',
  how: 'The built app and `bench/bare-bolt.ts` (the same visible calls, with no checks and no journal), each in its own process over Socket Mode, each with its own workspace and account. Timed from outside: from the delivery of the command until `views.open` arrives, and from the delivery of the submission until the POST arrives. "1 at a time" begins when the card and the thread of the one before are written. "At once" means 50 people in one burst. "Saturated" means 50 people who archive one training after the other, timed as a whole: command, modal, submit, modal closed, POST. The last rows compare the app with the same bare app when it also reads again what it archives and writes two lines to the disk before the POST (`BENCH_RECORD`), which is the least that two of the promises need. The app runs with a request budget that is never used up; with its default of 100 requests a second it archives about 8 trainings a second.',
  async run(options) {
    const ours = await start([APP], '"ready"');
    const theirs = await start([bareBolt()], 'bare ready');
    const recording = await start([bareBolt()], 'bare ready', true);
    const all = [ours, theirs, recording];
    try {
      const { steps, each, shares } = await measure(ours, theirs, options);
      const floor = await measure(ours, recording, options);
      const rows: Row[] = (['one', 'crowd'] as const).flatMap((size) => {
        const at = size === 'one' ? '1 at a time' : `${CROWD} at once`;
        return (['modal', 'post'] as const).flatMap((step) => {
          const what = `${step === 'modal' ? 'command to modal' : 'submit to archive call'}, ${at}`;
          const both = pick(steps[size], step);
          return [
            compared(`${what}, median`, 'ms', compareMedians(both), AIM),
            compared(`${what}, p99`, 'ms', compareTails(both), AIM),
          ];
        });
      });
      rows.push(compared('one archive when saturated', 'ms', compareMedians(each), AIM));
      const variant = 'the peer reads again and writes twice';
      const [one, crowd] = [pick(floor.steps.one, 'post'), pick(floor.steps.crowd, 'post')];
      rows.push(
        compared(`submit to archive call, 1 at a time, ${variant}, median`, 'ms', compareMedians(one)),
        compared(`submit to archive call, 1 at a time, ${variant}, p99`, 'ms', compareTails(one)),
        compared(`submit to archive call, ${CROWD} at once, ${variant}, median`, 'ms', compareMedians(crowd)),
        compared(`one archive when saturated, ${variant}`, 'ms', compareMedians(floor.each)),
      );
      const share = (who: Saturated[], key: 'app' | 'bench') =>
        `${Math.round(100 * median(who.map((one) => one[key])))} %`;
      const busy = (who: Saturated[]) =>
        `${Math.round(1000 / median(who.map(({ msEach }) => msEach)))} archives/s; the app used ${share(who, 'app')} of a core, the fakes and the driver ${share(who, 'bench')}`;
      return {
        rows,
        notes: [
          `Saturated, ours: ${busy(shares.ours)}.`,
          `Saturated, bare Bolt: ${busy(shares.theirs)}.`,
          WHY,
        ],
      };
    } finally {
      await Promise.all(all.map(({ process }) => process.kill()));
      await Promise.all(all.map(({ fakes }) => fakes.close()));
    }
  },
};

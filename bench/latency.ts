import { join } from 'node:path';
import { createOffice, type Office, type Steps } from './office';
import { cpuMs, type Running, startNode } from './processes';
import { APP, bareBolt } from './programs';
import { compared, type Part, type PartOptions, type Row } from './row';
import { createStage, PROJECT, type Stage } from './stage';
import { compareMedians, compareTails, interleave, median, type Rounds } from './stats';

const AIM = 1.3;
const CROWD = 50;

interface Contestant {
  stage: Stage;
  office: Office;
  process: Running;
}

async function start(args: string[], words: string, recorded = false): Promise<Contestant> {
  const stage = await createStage();
  const record = { BENCH_RECORD: join(stage.directory, 'record.jsonl'), BENCH_PROJECT: PROJECT };
  // The budget is for Toloka's sake, and would be all that is measured; see the note.
  const process = startNode(
    args,
    stage.env({ TOLOKA_REQUESTS_PER_SECOND: '100000', ...(recorded && record) }),
  );
  await process.said(words);
  await stage.workspace.waitFor(() => stage.workspace.socket.connections().length === 1);
  return { stage, office: createOffice(stage), process };
}

/** One person after the other. */
async function oneByOne({ office, stage }: Contestant, times: number): Promise<Steps[]> {
  const steps: Steps[] = [];
  for (let n = 0; n < times; n++) steps.push(await office.archive(stage.people[n % CROWD] ?? ''));
  return steps;
}

/** All at the same moment: first all type the command, then all submit. */
async function together({ office, stage }: Contestant): Promise<Steps[]> {
  const asked = stage.people.map((person) => ({ person, trainingId: stage.newTraining() }));
  const modal = await Promise.all(asked.map(({ person, trainingId }) => office.ask(person, trainingId)));
  const post = await Promise.all(asked.map(({ person, trainingId }) => office.confirm(person, trainingId)));
  return asked.map((_, n) => ({ modal: modal[n] ?? Number.NaN, post: post[n] ?? Number.NaN }));
}

interface Saturated {
  msEach: number;
  /** Share of one core that the app and this process (workspace, account, driver) used. */
  app: number;
  peers: number;
}

/** 50 people who archive one training after the other, each as soon as the last one is done. */
async function saturated({ office, stage, process: child }: Contestant, ms: number): Promise<Saturated> {
  const began = performance.now();
  const before = { app: cpuMs(child), own: process.cpuUsage() };
  let done = 0;
  const work = async (person: string) => {
    while (performance.now() - began < ms) {
      await office.archive(person);
      done += 1;
    }
  };
  await Promise.all(stage.people.map(work));
  const took = performance.now() - began;
  const own = process.cpuUsage(before.own);
  return {
    msEach: took / done,
    app: (cpuMs(child) - before.app) / took,
    peers: (own.user + own.system) / 1000 / took,
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
  'Why the submit is over its aim: bare Bolt sends the POST after one message; this app reads training, project and pools again (5 GETs at once) and has two commits on the disk before it, which the second peer has to do too and which costs that one twice bare Bolt’s time already. The rest is the checking itself, the hash chain and the fences, and, with 50 at once, what follows the POST of the first (journal, card, thread) on the same core as the POST of the last.';

export const latency: Part = {
  title: 'Command to modal, submit to archive call',
  how: 'The built app and `bench/bare-bolt.ts` (the same visible calls with no check and no record), each a process of its own over Socket Mode, each with a workspace and an account of its own. Timed outside: delivery of the command until `views.open` arrives, delivery of the submission until the POST arrives. "At once" are 50 people in one burst; "saturated" are 50 people who archive one training after the other, counted whole: command, modal, submit, POST, last word in the modal. The last rows hold the app against the same bare app that also reads again what it archives and has two lines on the disk before the POST (`BENCH_RECORD`): the least with which two of the promises can be kept. The request budget is set out of the way; with its 100 requests a second the app archives about 8 trainings a second.',
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
      const kept = 'the peer reads again and writes twice';
      const [one, crowd] = [pick(floor.steps.one, 'post'), pick(floor.steps.crowd, 'post')];
      rows.push(
        compared(`submit to archive call, 1 at a time, ${kept}, median`, 'ms', compareMedians(one)),
        compared(`submit to archive call, 1 at a time, ${kept}, p99`, 'ms', compareTails(one)),
        compared(`submit to archive call, ${CROWD} at once, ${kept}, median`, 'ms', compareMedians(crowd)),
        compared(`one archive when saturated, ${kept}`, 'ms', compareMedians(floor.each)),
      );
      const share = (who: Saturated[], key: 'app' | 'peers') =>
        `${Math.round(100 * median(who.map((one) => one[key])))} %`;
      const busy = (who: Saturated[]) =>
        `${Math.round(1000 / median(who.map(({ msEach }) => msEach)))} archives/s; the app used ${share(who, 'app')} of a core, workspace, account and driver together ${share(who, 'peers')}`;
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
      await Promise.all(all.map(({ stage }) => stage.close()));
    }
  },
};

import { compared, type Part, type PartOptions, type Row } from './row';
import { seeded } from './seeded';
import { pollFixed } from './simulation/fixed-poller';
import { COSTS } from './simulation/slow-network';
import { followAll, type Planned } from './simulation/world';
import { median, p99 } from './stats';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The share of a fixed poller's requests that is allowed, by the number of open operations. */
const REQUESTS_AIM: Record<number, number> = { 100: 0.1, 10000: 0.01 };

interface Scenario {
  name: string;
  open: number;
  /** Simulated one after the other. */
  runs: Planned[][];
  /** Without an aim: the figures only explain. */
  aside?: boolean;
}

const random = seeded(1);
const about = (ms: number) => Math.round(ms * (0.9 + 0.2 * random()));

/** One open at a time: each starts a few seconds after the previous one has ended. */
function alone(length: number, times: number): Planned[] {
  let offset = 0;
  return Array.from({ length: times }, () => {
    offset += 3 * SECOND + Math.round(random() * SECOND);
    const one = { offset, length: about(length) };
    offset += one.length;
    return one;
  });
}

/** Many open at once, of about the same length, all started within half of it or within ten seconds. */
const crowd = (length: number, count: number): Planned[] =>
  Array.from({ length: count }, () => ({
    offset: Math.round(random() * Math.min(length / 2, 10 * SECOND)),
    length: about(length),
  }));

/** All open from the start. They end over the course of one hour. */
const mixed = (count: number): Planned[] =>
  Array.from({ length: count }, () => ({
    offset: 0,
    length: Math.round(SECOND + random() * (HOUR - SECOND)),
  }));

function scenarios({ quick }: PartOptions): Scenario[] {
  if (quick)
    return [
      { name: '1 s', open: 1, runs: [alone(SECOND, 5)] },
      { name: '10 s', open: 100, runs: [crowd(10 * SECOND, 100)] },
    ];
  const lengths = [
    { name: '1 s', length: SECOND, times: 60, crowds: 10 },
    { name: '10 s', length: 10 * SECOND, times: 60, crowds: 10 },
    { name: '1 min', length: MINUTE, times: 30, crowds: 10 },
    { name: '10 min', length: 10 * MINUTE, times: 10, crowds: 5 },
    { name: '1 h', length: HOUR, times: 4, crowds: 2 },
  ];
  return [
    ...lengths.map(({ name, length, times }) => ({ name, open: 1, runs: [alone(length, times)] })),
    // The operations of one crowd end within few polls, so the median lag of one crowd is partly chance.
    ...lengths.map(({ name, length, crowds }) => ({
      ...{ name, open: 100 },
      runs: Array.from({ length: crowds }, () => crowd(length, 100)),
    })),
    { name: '1 s to 1 h', open: 10_000, runs: [mixed(10_000)] },
    { name: '1 min, all of them', open: 10_000, runs: [crowd(MINUTE, 10_000)], aside: true },
  ];
}

async function play({ name, open, runs, aside = false }: Scenario): Promise<{ rows: Row[]; note: string }> {
  const lags: number[] = [];
  let requests = 0;
  let slackCalls = 0;
  for (const run of runs) {
    const outcome = await followAll(run, random);
    lags.push(...outcome.lags);
    requests += outcome.requests;
    slackCalls += outcome.slackCalls;
  }
  const fixed = runs.flat().map(({ length }) => pollFixed(length));
  const fixedRequests = fixed.reduce((sum, one) => sum + one.requests, 0);
  const fixedLags = fixed.map(({ lag }) => lag);
  const what = `${open.toLocaleString('en-US')} open, ${name}`;
  const lag = { ours: median(lags), theirs: median(fixedLags), ratio: median(lags) / median(fixedLags) };
  const each = { ours: requests / lags.length, theirs: fixedRequests / lags.length };
  const count = { ...each, ratio: requests / fixedRequests };
  return {
    rows: [
      compared(`notice lag, ${what}`, 'ms', lag, aside ? undefined : 1),
      compared(`requests per operation, ${what}`, '', count, aside ? undefined : REQUESTS_AIM[open]),
    ],
    note: `${what}: p99 of the lag ${Math.round(p99(lags))} ms against ${Math.round(p99(fixedLags))}; ${(slackCalls / lags.length).toFixed(1)} calls to Slack per operation.`,
  };
}

export const notice: Part = {
  title: 'Notice lag and requests to Toloka, compared with polling each operation every second',
  how: `A simulation: the real worker, client and SQLite journal and the demo's account in virtual time, which stops while they work, so nothing depends on this machine. A request to Toloka takes ${2 * COSTS.tolokaOneWay} ms, a call to Slack ${COSTS.slack} ms, a journal write ${COSTS.journalWrite} ms (one at a time). Lag: from the end of the operation in Toloka to the end of the final edit of the card. The peer polls as toloka-kit's \`wait_operation\` does: after 0.5 s, then every second, with one GET for each operation. It is calculated, since each of its pollers is alone. Every GET is counted, the POST is not. Neither side is held to Toloka's 300 requests a second, which the peer would exceed at 10,000, nor to Slack's limits, which both would exceed.`,
  async run(options) {
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const scenario of scenarios(options)) {
      const played = await play(scenario);
      rows.push(...played.rows);
      notes.push(played.note);
    }
    return { rows, notes };
  },
};

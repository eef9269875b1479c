import fc from 'fast-check';
import { type ArchiveRequest, OPEN_STATES, type RequestState, STATES } from '../../src/archive/request';
import { isAllowed, TRANSITIONS } from '../../src/archive/transitions';
import { openAudit } from '../../src/journal/audit';
import { APPROVAL, advance, planned } from './builders';
import { sqlitePlace } from './sqlite-place';

type Kind = keyof typeof TRANSITIONS;
const KINDS = Object.keys(TRANSITIONS) as Kind[];
const TRAININGS = ['t1', 't2'];

interface Step {
  request: number;
  /** Which of the changes that its state allows, or of all. */
  choice: number;
  any: boolean;
  /** From a version that is out of date. */
  stale: boolean;
}
const rarely = fc.nat(5).map((n) => n === 0);
const STEP: fc.Arbitrary<Step> = fc.record({
  request: fc.nat(3),
  choice: fc.nat(),
  any: rarely,
  stale: rarely,
});

/** What may change a request that has ended or was dropped. */
const REVIVALS: [RequestState, Kind][] = [
  ['not_started', 'late_evidence'],
  ['cancelled', 'late_evidence'],
];

describe('random histories', () => {
  it('of requests that race for two trainings never leave the table of transitions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 10, maxLength: 40 }), async (steps) => {
        const place = sqlitePlace();
        try {
          await walk(place, steps);
        } finally {
          await place.remove();
        }
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

async function walk(place: ReturnType<typeof sqlitePlace>, steps: readonly Step[]): Promise<void> {
  const journal = await place.open();
  const requests: ArchiveRequest[] = [];
  for (let i = 0; i < 4; i++)
    requests.push(await planned(journal, `r${i}`, { trainingId: TRAININGS[i % 2] as string }));

  for (const [n, { request: i, choice, any, stale }] of steps.entries()) {
    const before = requests[i] as ArchiveRequest;
    const allowedNow = KINDS.filter((kind) => isAllowed(kind, before.state));
    const kinds = any || allowedNow.length === 0 ? KINDS : allowedNow;
    const kind = kinds[choice % kinds.length] as Kind;
    const rival = requests.some(
      (other) => other !== before && other.trainingId === before.trainingId && STATES[other.state] === 'open',
    );
    const { from, to } = TRANSITIONS[kind];
    const allowed = (from as readonly RequestState[]).includes(before.state) && !stale;
    const opens = STATES[to] === 'open' && STATES[before.state] !== 'open';
    const shown = stale ? { ...before, version: before.version - 1 } : before;
    // One approval is enough, and each is somebody else's.
    const given = { operationId: `op-${i}`, user: `U${10 + n}` };
    const needing = { ...given, approval: { ...APPROVAL, needed: 1 } };
    const outcome = await advance(journal, shown, kind, {
      with: kind === 'approval_requested' || kind === 'approvals_voided' ? needing : given,
    }).then(
      (after) => ({ after, code: null }),
      (error) => ({ after: before, code: error.code }),
    );
    const expected = !allowed ? 'request_changed' : opens && rival ? 'open_request_exists' : null;
    expect([before.state, kind, outcome.code]).toEqual([before.state, kind, expected]);
    if (expected === null) {
      expect(outcome.after).toMatchObject({ state: to, version: before.version + 1 });
      const final = STATES[before.state] === 'ended' || STATES[before.state] === 'dropped';
      if (final) expect(REVIVALS).toContainEqual([before.state, kind]);
    }
    expect(await journal.get(before.id)).toEqual(outcome.after);
    requests[i] = outcome.after;
  }

  const audit = await openAudit(place.where);
  for (const request of requests) {
    const record = await audit.record(request.id);
    expect(record).toMatchObject({ request, findings: [] });
    expect(record?.events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: request.version }, (_, n) => n + 1),
    );
    for (const [n, event] of (record?.events ?? []).entries()) {
      if (event.kind === 'asked') continue;
      const { from, to } = TRANSITIONS[event.kind as Kind];
      expect(from).toContain(record?.events[n - 1]?.to);
      expect([event.from, event.to]).toEqual([record?.events[n - 1]?.to, to]);
    }
  }
  for (const trainingId of TRAININGS) {
    const open = requests.filter((one) => one.trainingId === trainingId && OPEN_STATES.includes(one.state));
    expect(open.length).toBeLessThanOrEqual(1);
  }
  await audit.close();
}

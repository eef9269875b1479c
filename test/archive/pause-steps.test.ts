import { createChecks } from '../../src/archive/checks';
import { createPauses, unlessPaused } from '../../src/archive/pause';
import type { PolicyDenial } from '../../src/archive/policy';
import type { Deps, SubmitResult } from '../../src/archive/ports';
import type { Pause } from '../../src/archive/request';
import { openAudit } from '../../src/journal/audit';
import { createHarness, type Harness } from '../support/harness';
import { OPERATION } from '../support/steps';

const PAUSE: Pause = { user: 'U9', reason: 'an incident', at: 5 };
const ACCEPTED = { kind: 'accepted', operation: OPERATION } as const;
const notSent = (code: string): SubmitResult => ({ kind: 'not_sent', outcome: { code } });
const HELD = notSent('toloka_held');

describe('a POST', () => {
  /** Sends in a journal that has these pauses, one after the other, and gets these answers. */
  async function post(
    answers: (SubmitResult | Promise<SubmitResult>)[],
    pauses: (Pause | null | Error)[] = [],
    clearSince = Number.NEGATIVE_INFINITY,
  ) {
    const mayStart: boolean[] = [];
    const pause = async () => {
      const next = pauses.length > 1 ? pauses.shift() : (pauses[0] ?? null);
      if (next instanceof Error) throw next;
      return next ?? null;
    };
    const journal = { pause } as unknown as Deps['journal'];
    const result = await unlessPaused({ journal }, clearSince, async (ask) => {
      const answer = (await answers.shift()) as SubmitResult;
      mayStart.push(ask());
      return answer;
    });
    return { result, mayStart };
  }

  it.each<[string, SubmitResult[], SubmitResult, number]>([
    ['is sent once', [ACCEPTED], ACCEPTED, 1],
    ['is not sent again when its answer was lost', [notSent('x')], notSent('x'), 1],
    ['is tried again when the process stalled before it', [HELD, HELD, ACCEPTED], ACCEPTED, 3],
    ['is given up when it stalled three times', [HELD, HELD, HELD], HELD, 3],
  ])('%s', async (_what, answers, result, times) => {
    expect(await post(answers)).toEqual({ result, mayStart: Array(times).fill(true) });
  });

  it('is not sent while archiving is paused, nor when the journal does not say', async () => {
    expect(await post([], [PAUSE])).toEqual({ result: notSent('paused'), mayStart: [] });
    expect(await post([], [PAUSE], performance.now() - 300)).toEqual({
      result: notSent('paused'),
      mayStart: [],
    });
    await expect(post([], [new Error('down')])).rejects.toThrow('down');
  });

  it('is sent without another look when the journal has just been looked into', async () => {
    expect(await post([ACCEPTED], [PAUSE], performance.now())).toEqual({
      result: ACCEPTED,
      mayStart: [true],
    });
  });

  it('that was paused while it connected is not sent, also when something else went wrong', async () => {
    let looked: () => void = () => {};
    const looks = new Promise<void>((resolve) => {
      looked = resolve;
    });
    let count = 0;
    const pause = async () => {
      count += 1;
      if (count === 1) return null;
      setImmediate(looked);
      return PAUSE;
    };
    const journal = { pause } as unknown as Deps['journal'];
    const mayStart: boolean[] = [];
    const send = (answer: SubmitResult) =>
      unlessPaused({ journal }, Number.NEGATIVE_INFINITY, async (ask) => {
        await looks;
        mayStart.push(ask());
        return answer;
      });
    expect(await send(notSent('toloka_unreachable'))).toEqual(notSent('paused'));
    count = 0;
    expect(await send({ kind: 'unknown', outcome: { code: 'x' } })).toMatchObject({ kind: 'unknown' });
    expect(mayStart[0]).toBe(false);
  });
});

describe('pause and resume', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await createHarness();
  });
  afterEach(() => harness.close());
  const ACTOR = { user: 'U1', channel: 'C1', team: 'T1' };
  const pauses = (denial: PolicyDenial | null = null) => {
    const deps = { ...harness.deps, adminPolicy: async () => denial };
    return createPauses(deps, createChecks(deps));
  };

  it.each<[PolicyDenial, string]>([
    ['access_unknown', 'access_unknown'],
    ['not_allowed', 'pause_not_allowed'],
    ['access_not_set', 'pause_not_allowed'],
  ])('are denied and recorded: %s', async (denial, code) => {
    expect(await pauses(denial).pause(ACTOR, 'r')).toEqual({ kind: 'denied', code });
    expect(await pauses(denial).resume(ACTOR)).toEqual({ kind: 'denied', code });
    const about = { code, detail: denial, user: 'U1' };
    expect(await harness.denials()).toMatchObject([about, about]);
    expect(await harness.journal.pause()).toBeNull();
  });

  it('are recorded for the audit, and so is what was so already', async () => {
    const { pause, resume } = pauses();
    const { clock } = harness;
    const first = { user: 'U1', reason: 'an incident', at: clock.now() };
    expect(await pause(ACTOR, first.reason)).toEqual({ kind: 'paused', pause: first });
    clock.advance(1);
    expect(await pause({ ...ACTOR, user: 'U2' }, 'another')).toEqual({
      kind: 'already_paused',
      pause: first,
    });
    clock.advance(1);
    expect(await resume(ACTOR)).toEqual({ kind: 'resumed', pause: first });
    clock.advance(1);
    expect(await resume(ACTOR)).toEqual({ kind: 'not_paused' });
    const audit = await openAudit({ path: `${harness.directory}/journal.db` });
    const recorded = await audit.pauses();
    await audit.close();
    expect(recorded.map(({ kind, reason }) => [kind, reason]).sort()).toEqual([
      ['paused', 'an incident'],
      ['resumed', ''],
    ]);
    expect((await harness.denials()).map(({ code }) => code)).toEqual(['not_paused', 'already_paused']);
    const lines = harness.log.filter((line) => /archiving (paused|resumed)/.test(line));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toContain('"user":"U1"');
  });
});

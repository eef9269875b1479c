import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createWorker } from '../../src/archive/worker';
import {
  askOne,
  cardsIn,
  confirmOne,
  createHarness,
  type Harness,
  shownOf,
  textOf,
} from '../support/harness';

const { id: trainingId } = DEMO_TRAININGS.ready;
let harness: Harness;
/** The first request, which Toloka refused. */
let first: string;
beforeEach(async () => {
  harness = await createHarness();
  harness.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
  const { id } = await harness.archive(trainingId);
  first = id;
  await harness.settle(first);
});
afterEach(() => harness.close());

const shown = (card: ReturnType<typeof cardsIn>[number] | undefined) => textOf(card?.blocks);
const cards = () => cardsIn(harness).map(shown);
const linkTo = (ts = '') => `/p${ts.replace('.', '')}|the new card>`;

async function ask(retryOf: string) {
  const { service, actor } = harness;
  const asked = await askOne(service, actor, { environment: 'production', trainingId, retryOf });
  if (asked.kind !== 'planned') throw new Error(asked.kind);
  return asked.request;
}
async function tryAgain(retryOf = first): Promise<string> {
  const request = await ask(retryOf);
  await confirmOne(harness.service, harness.actor, shownOf(request), 'again');
  return request.id;
}

describe('a card whose request was tried again', () => {
  it('links to the new card and offers no second try', async () => {
    expect(cards()[0]).toContain('Try again');
    await harness.settle(await tryAgain());
    await harness.settle(first);
    const [old, next] = cardsIn(harness);
    expect(shown(old)).toContain(linkTo(next?.ts));
    expect(shown(old)).not.toContain('Try again');
    expect(shown(old)).not.toContain('Next step');
    expect(shown(old)).toContain('*Refused by Toloka*');
    expect(shown(next)).toContain('*Archived*');
    expect(cards()).toHaveLength(2);
  });

  it('keeps its button while the new request is only a plan, or was cancelled, or has no card', async () => {
    const { id } = await ask(first);
    await harness.service.cancel(harness.actor, id);
    harness.workspace.faults.add({ kind: 'error', method: 'chat.postMessage', error: 'restricted_action' });
    await harness.settle(await tryAgain());
    await createWorker(harness.deps).tick();
    expect(cards()).toEqual([expect.stringContaining('Try again')]);
  });

  it('shows the newest of several tries, and each card the one after it', async () => {
    harness.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
    const second = await tryAgain();
    await harness.settle(second);
    await harness.settle(await tryAgain());
    await harness.settle(first);
    const [, , third] = cardsIn(harness);
    expect(cards()[0]).toContain(linkTo(third?.ts));
    expect(cards()[1]).toContain('Try again');
    // An older try that is published once more changes nothing.
    const [claimed] = await harness.journal.claim({
      ...{ now: harness.clock.now(), until: harness.clock.now() + 1_000, limit: 1, ids: [second] },
    });
    if (!claimed?.lease) throw new Error('not claimed');
    const due = { publishAt: harness.clock.now() };
    await harness.journal.note(second, claimed.lease, harness.clock.now(), due, { release: true });
    await harness.settle(second);
    expect((await harness.journal.get(first))?.successor?.ts).toBe(third?.ts);
  });

  it.each(['status', 'lost', 'reset'] as const)('%s for the link: made up for later', async (kind) => {
    harness.workspace.faults.add({ kind, method: 'chat.getPermalink', times: 2 });
    await harness.settle(await tryAgain());
    await harness.settle(first);
    expect(cards()[0]).toContain(linkTo(cardsIn(harness)[1]?.ts));
  });

  it('whose request another worker holds for a while: made up for later', async () => {
    const { journal, clock } = harness;
    await journal.claim({ now: clock.now(), until: clock.now() + 5_000, limit: 1, ids: [first] });
    const second = await tryAgain();
    expect((await journal.get(first))?.successor).toBeNull();
    await harness.settle(second);
    await harness.settle(first);
    expect(cards()[0]).toContain(linkTo(cardsIn(harness)[1]?.ts));
  });

  it('that was posted, and is not known yet because its answer was lost: made up for later', async () => {
    const { journal, clock } = harness;
    const [claimed] = await journal.claim({
      ...{ now: clock.now(), until: clock.now() + 1_000, limit: 1, ids: [first] },
    });
    if (!claimed?.lease) throw new Error('not claimed');
    const unknown = { card: null, publishAt: clock.now() + 4_000 };
    await journal.note(first, claimed.lease, clock.now(), unknown, { release: true });
    await harness.settle(await tryAgain());
    await harness.settle(first);
    expect(cards()[0]).toContain(linkTo(cardsIn(harness)[1]?.ts));
  });

  it('whose request is not in this journal stops nothing', async () => {
    expect((await harness.settle(await tryAgain('gone'))).state).toBe('succeeded');
  });

  it('is linked in words when Slack has no link', async () => {
    harness.workspace.faults.add({ kind: 'error', method: 'chat.getPermalink', error: 'message_not_found' });
    await harness.settle(await tryAgain());
    await harness.settle(first);
    expect(cards()[0]).toContain('Tried again: see the new card.');
  });
});

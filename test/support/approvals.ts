import type { Person } from '../../fakes/slack';
import type { ArchiveRequest } from '../../src/archive/request';
import { createWorker } from '../../src/archive/worker';
import { ALICE, BOB, type ConnectedHarness, cardsIn, connectHarness, ELSEWHERE, GENERAL } from './harness';

export const CAROL = 'U03CAROL';
export const DAVE = 'U04DAVE';
/** Of another company, in the shared channel. */
export const EVE = 'U05EVE';
export const APPROVERS = 'S02APPROVERS';
const HOUR = 3_600_000;

/** Alice asks; Bob and Carol may approve. Dave is there too. */
export interface Approvals extends ConnectedHarness {
  bob: Person;
  carol: Person;
  /** Asks for the trainings as Alice and confirms. Returns the request, or the first of the batch. */
  request(...trainingIds: string[]): Promise<ArchiveRequest>;
  /** Clicks a button of the newest card, and lets the worker write what came of it. */
  click(person: Person, button: string, options?: { copies?: number }): Promise<void>;
  /** Clicks Decline, gives the reason and submits. */
  decline(person: Person, reason: string): Promise<void>;
  /** Lets the worker do what is due after so much time has passed. */
  later(hours?: number): Promise<void>;
  /** The requests of the newest card, in their order, as they are now. */
  requests(): Promise<ArchiveRequest[]>;
  /** A person's newest private message, or the modal in front of them. */
  seenBy(person: Person): string;
  /** The thread of the newest card, as people see it. */
  thread(): string;
  /** How many POSTs Toloka has got. */
  posts(): number;
}

export async function connectApprovals(
  env: Record<string, string> = {},
  options: Parameters<typeof connectHarness>[0] = {},
): Promise<Approvals> {
  const everybody = [ALICE, BOB, CAROL, DAVE, EVE];
  const harness = await connectHarness({
    ...options,
    env: { APPROVALS_PRODUCTION: '1', APPROVE_ALLOW: `${BOB},${CAROL},${ALICE}`, ...env },
    workspace: {
      people: [
        { id: ALICE, name: 'alice' },
        { id: BOB, name: 'bob' },
        { id: CAROL, name: 'carol' },
        { id: DAVE, name: 'dave' },
        { id: EVE, name: 'eve', team: { id: 'T9OTHER' } },
      ],
      channels: [
        { id: GENERAL, name: 'general', members: everybody, bot: true },
        { id: ELSEWHERE, name: 'elsewhere', members: everybody, bot: true },
      ],
      userGroups: [
        { id: 'S01TEAM', handle: 'archivists', users: [ALICE] },
        { id: APPROVERS, handle: 'approvers', users: [BOB, CAROL] },
      ],
      ...options.workspace,
    },
  });
  const { workspace, service, clock, deps, account } = harness;
  const [bob, carol] = [workspace.person(BOB), workspace.person(CAROL)];
  const worker = createWorker(deps);
  const later = async (hours = 0) => {
    clock.advance(hours * HOUR);
    // What followers of a batch pass on is due a little later, and a poll follows an operation to its end.
    for (let ticks = 0; ticks < 6; ticks++) {
      await worker.tick();
      clock.advance(500);
    }
  };
  const newest = () => cardsIn(harness).at(-1);
  const cardId = () => String(newest()?.metadata?.event_payload['request_id']);
  return {
    ...{ ...harness, bob, carol, later },
    async request(...trainingIds) {
      await harness.ask(trainingIds.join(' '));
      await harness.confirm();
      await later();
      const [first] = await service.onCardOf(cardId());
      if (first === undefined) throw new Error(`Not requested:\n${workspace.dump()}`);
      return first;
    },
    async click(person, button, { copies = 1 } = {}) {
      await person.click(button, { message: newest()?.ts ?? '', copies });
      await harness.settled();
      await later();
    },
    async decline(person, reason) {
      await person.click('Decline', { message: newest()?.ts ?? '' });
      await harness.settled();
      await person.fill('Reason', reason);
      await person.submit();
      await harness.settled();
      await later();
    },
    requests: () => service.onCardOf(cardId()),
    seenBy: (person) => workspace.renderText(person.modal() ?? workspace.ephemerals(person.id).at(-1) ?? {}),
    thread: () => (newest()?.replies ?? []).map((reply) => workspace.renderText(reply)).join('\n'),
    posts: () => account.exchanges.filter(({ method }) => method === 'POST').length,
  };
}

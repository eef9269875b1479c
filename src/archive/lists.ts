import type { Denied, Target } from './answers';
import type { Checks } from './checks';
import { type Plan, readPlan } from './plan';
import type { Actor } from './policy';
import type { Deps, OnCard } from './ports';
import type { ArchiveRequest, Pause } from './request';
import type { Watch } from './watch';

const OPEN_SHOWN = 50;
const RECENT_SHOWN = 10;
const HISTORY_SHOWN = 20;

/** What this person can do here. */
export interface Rights {
  archive: boolean;
  approve: boolean;
  admin: boolean;
  /** Whether some right is not known, because Slack did not answer. It counts as missing. */
  unknown: boolean;
}

/** What is going on, for one person. */
export interface Overview {
  rights: Rights;
  pause: Pause | null;
  /** Waiting for this person's approval, by card. */
  waiting: OnCard[];
  open: ArchiveRequest[];
  /** This person's, newest first. */
  recent: ArchiveRequest[];
  /** What this person wants to be notified about. */
  watches: Watch[];
}

/** What a training's plan would be now, and the pause that would keep it waiting. */
export interface Checked {
  plan: Plan;
  pause: Pause | null;
}

/** The lists, which only read. They are for people who can archive, approve or pause somewhere. */
export function createLists(
  { journal, environments, policy, approval, adminPolicy, clock }: Deps,
  checks: Checks,
) {
  /** Whether anything here needs approvals at all. */
  const isUsed = [...environments.keys()].some((name) => approval.needed(name) > 0);

  async function rightsOf(actor: Actor, where: 'here' | 'anywhere' = 'anywhere'): Promise<Rights> {
    const [archive, approve, admin] = await Promise.all([
      policy(actor, where),
      approval.policy(actor, where),
      adminPolicy(actor, where),
    ]);
    return {
      archive: archive === null,
      approve: isUsed && approve === null,
      admin: admin === null,
      unknown: [archive, isUsed ? approve : null, admin].includes('access_unknown'),
    };
  }

  /** Null when the person may see what others do; else it is recorded. */
  async function mayRead(actor: Actor): Promise<Denied | null> {
    const { archive, approve, admin, unknown } = await rightsOf(actor);
    if (archive || approve || admin) return null;
    const code = unknown ? 'access_unknown' : await policy(actor, 'anywhere');
    return checks.denied(actor, { code: code ?? 'not_allowed' });
  }

  /** Whether the person can approve the request now. */
  const awaits = ({ state, requester, approval: asked }: ArchiveRequest, { user }: Actor): boolean =>
    state === 'awaiting_approval' && requester !== user && !asked?.given.some((one) => one.user === user);

  /** Requests that share a card, together. */
  function byCard(requests: readonly ArchiveRequest[]): OnCard[] {
    const cards = new Map<string, [ArchiveRequest, ...ArchiveRequest[]]>();
    for (const request of requests) {
      const card = request.batch ?? request.id;
      const known = cards.get(card);
      if (known) known.push(request);
      else cards.set(card, [request]);
    }
    return [...cards.values()];
  }

  /** The first request of a batch knows the link to the card of all. */
  async function withCards(requests: readonly ArchiveRequest[]): Promise<ArchiveRequest[]> {
    const batches = new Set(
      requests.flatMap(({ batch, card }) => (batch !== null && !card?.url ? [batch] : [])),
    );
    const firsts = await Promise.all([...batches].map((id) => journal.get(id)));
    const cards = new Map(firsts.map((first) => [first?.id, first?.card]));
    return requests.map((request) => ({ ...request, card: cards.get(request.batch ?? '') ?? request.card }));
  }

  return {
    rightsOf,

    /** `open` is empty for a person without any right, who still sees what they asked for earlier. */
    async overview(actor: Actor): Promise<Overview> {
      const [rights, pause, all, recent, watches] = await Promise.all([
        rightsOf(actor),
        journal.pause(),
        journal.open(OPEN_SHOWN).then(withCards),
        journal.confirmedBy(actor.user, RECENT_SHOWN).then(withCards),
        journal.watches(actor.user),
      ]);
      const open = rights.archive || rights.approve || rights.admin ? all : [];
      const waiting = rights.approve
        ? byCard(open).filter((requests) => requests.some((request) => awaits(request, actor)))
        : [];
      return { rights, pause, waiting, open, recent, watches };
    },

    /** What happened with a training, newest first. */
    async history(actor: Actor, { environment, trainingId }: Target): Promise<Denied | ArchiveRequest[]> {
      const denied = await mayRead(actor);
      return denied ?? withCards(await journal.history(environment, trainingId, HISTORY_SHOWN));
    },

    /** The plan of a training, without a request. Undefined when the app has no account for the environment. */
    async check(
      actor: Actor,
      { environment: name, trainingId }: Target,
    ): Promise<Denied | Checked | undefined> {
      const denied = await mayRead(actor);
      const environment = environments.get(name);
      if (denied !== null || environment === undefined) return denied ?? undefined;
      const [plan, pause] = await Promise.all([
        readPlan(environment, trainingId, clock.now()),
        journal.pause(),
      ]);
      return { plan, pause };
    },
  };
}

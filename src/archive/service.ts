import type { Denied, Target } from './answers';
import { createApprovals } from './approval-clicks';
import { createAsk } from './ask';
import { createCatalog } from './catalog';
import { createChecks, ifUnchanged } from './checks';
import { createConfirm } from './confirm';
import { createLists } from './lists';
import { createPauses } from './pause';
import type { Actor } from './policy';
import type { Deps } from './ports';
import type { ArchiveRequest } from './request';
import { createWatches } from './watch';

export type { Actor } from './policy';
export type ArchiveService = ReturnType<typeof createService>;

/**
 * The use case, as the handlers see it. Each answer is a value; what throws is a fault of the app or its journal. Every
 * method that takes several trainings handles each as a request of its own.
 */
export function createService(deps: Deps) {
  const { journal, logger } = deps;
  const checks = createChecks(deps);
  const { deny, fence } = checks;

  /** planned → cancelled, by the requester. */
  async function cancel(actor: Actor, requestId: string): Promise<'cancelled' | 'already_decided'> {
    const request = await journal.get(requestId);
    if (request?.state !== 'planned' || request.requester !== actor.user) return 'already_decided';
    const done = await ifUnchanged(journal.advance(fence(request, actor.user), { kind: 'cancelled' }));
    return done ? 'cancelled' : 'already_decided';
  }

  /** The last request for the training that has ended. Never throws: a plan without it is better than no plan. */
  async function lastEnded({ environment, trainingId }: Target): Promise<ArchiveRequest | undefined> {
    try {
      return await journal.lastEnded(environment, trainingId);
    } catch (error) {
      logger.error('last request not read', { environment, training: trainingId, error });
      return undefined;
    }
  }

  return {
    ask: createAsk(deps, checks),
    confirm: createConfirm(deps, checks),
    cancel,
    deny,
    /** Whether this person may archive in some channel; else it is recorded. For those who choose first. */
    async mayArchive(actor: Actor): Promise<Denied | null> {
      const [denial, pause] = await Promise.all([deps.policy(actor, 'anywhere'), journal.pause()]);
      if (denial !== null) return checks.denied(actor, { code: denial });
      return pause === null ? null : checks.denied(actor, { code: 'paused', pause });
    },
    catalog: createCatalog(deps),
    lists: createLists(deps, checks),
    lastEnded,
    requestOf: (id: string) => journal.get(id),
    /** The requests on the card of this one. */
    onCardOf: (id: string) => journal.batch(id),
    /** How many other people must approve a request for this environment. */
    approvalsNeeded: (environment: string) => deps.approval.needed(environment),
    ...createApprovals(deps, checks),
    ...createPauses(deps, checks),
    ...createWatches(deps, checks),
  };
}

import type { Answers, Asked, Wanted } from './answers';
import { canBeApproved } from './approval';
import { aboutTarget, aboutTargets, type Checks } from './checks';
import type { Plan } from './plan';
import type { Actor } from './policy';
import type { Deps } from './ports';
import type { ArchiveRequest } from './request';

interface Look {
  open: ArchiveRequest | undefined;
  plan: Plan | undefined;
  notInChannel: boolean;
}

export function createAsk(deps: Deps, checks: Checks) {
  const { journal, cards, clock, newId, logger } = deps;
  const { denied, checkActor, findOpen, plansNow, alreadyOpen, blocked, remember } = checks;

  /**
   * Shows what would be archived. When nothing blocks a training, a `planned` request is written, which can be confirmed
   * or cancelled.
   */
  async function ask(actor: Actor, wanted: readonly Wanted[]): Promise<Answers<Asked>> {
    const readNow = plansNow();
    // Begun first: a denial need not wait for the rest, which must not go unhandled then.
    const checking = checkActor(actor);
    const looking = Promise.all([
      cards.reach(actor.channel),
      ...wanted.map((target) => Promise.all([findOpen(target), readNow(target)])),
    ] as const);
    looking.catch(() => {});
    const denial = await checking;
    const about = aboutTargets(wanted);
    if (denial !== null) return denied(actor, denial, about);
    const [reach, ...looks] = await looking;
    if (reach === 'direct_message') return denied(actor, { code: reach }, about);
    const notInChannel = reach === 'not_in_channel';
    const each: Asked[] = [];
    for (const [i, target] of wanted.entries()) {
      const [open, plan] = looks[i] ?? [];
      each.push(await answer(actor, target, { open, plan, notInChannel }));
    }
    return { kind: 'answers', each };
  }

  async function answer(actor: Actor, target: Wanted, { open, plan, notInChannel }: Look): Promise<Asked> {
    if (plan === undefined) return denied(actor, { code: 'environment_not_set' }, aboutTarget(target));
    if (open !== undefined) return alreadyOpen(actor, open, aboutTarget(target));
    if (!canBeApproved(deps, target.environment, actor.user))
      return denied(actor, { code: 'too_few_approvers' }, aboutTarget(target));
    if (plan.blockers.length > 0 || notInChannel)
      return blocked(actor, plan, { notInChannel, about: aboutTarget(target) });
    const { environment, trainingId, retryOf = null } = target;
    const { user: requester, channel, team, enterprise = null } = actor;
    const identity = {
      id: newId(),
      team,
      environment,
      trainingId,
      requester,
      channel,
      createdAt: clock.now(),
    };
    const request = await journal.create({ ...identity, plan, retryOf, enterprise });
    remember(request);
    const facts = { request: request.id, user: requester, channel, environment, training: trainingId };
    logger.info('asked', facts);
    return { kind: 'planned', request, changes: [] };
  }

  return ask;
}

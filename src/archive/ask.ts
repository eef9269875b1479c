import type { MayArchive } from './access';
import type { Parts } from './parts';
import { readPlan } from './plan';
import type { Plan } from './plan-types';
import type { Refuse } from './refusals';
import type { Actor, AlreadyOpen, Asked, Refused, Target } from './results';

type Checked = Refused | AlreadyOpen | { kind: 'checked'; plan: Plan };

/** What is known of the request that is checked, when there is one already. */
interface About {
  requestId?: string;
  projectId?: string | undefined;
}

export function createAsk(parts: Parts, mayArchive: MayArchive, refuse: Refuse) {
  const { journal, clock, environments, newId, logger } = parts;

  /** The checks that precede every ask and every confirmation, and the plan as it is now. */
  async function check(actor: Actor, target: Target, about: About = {}): Promise<Checked> {
    const { environment: name, trainingId } = target;
    const record = { environment: name, trainingId, ...(about.requestId && { requestId: about.requestId }) };
    const environment = environments.get(name);
    if (environment === undefined) {
      const message = `This app has no Toloka token for ${name}. Ask whoever runs it to set one, or name another environment.`;
      return refuse(actor, 'environment_not_set', message, record);
    }
    const access = await mayArchive(actor.user, actor.channel);
    if (!access.allowed) return refuse(actor, access.code, access.message, record);
    const [open, plan] = await Promise.all([
      journal.findOpen(name, trainingId),
      readPlan(environment, trainingId, clock.now(), about.projectId),
    ]);
    if (open === undefined) return { kind: 'checked', plan };
    await refuse(actor, 'already_open', `Request ${open.id} is under way.`, record);
    return { kind: 'already_open', request: open };
  }

  /** Says what stands in the way, and keeps in the record that it was said. */
  async function blocked(actor: Actor, plan: Plan, changes: string[], requestId?: string): Promise<Asked> {
    const { environment, trainingId, blockers } = plan;
    const about = { environment, trainingId, ...(requestId && { requestId }) };
    const codes = blockers.map(({ code }) => code);
    await refuse(actor, codes[0] ?? 'blocked', `Blocked: ${codes.join(', ')}`, about);
    return { kind: 'blocked', plan, changes };
  }

  /**
   * Shows what would be archived. When nothing known stands in the way, a `planned` request is written, which can be
   * confirmed or cancelled; it changes nothing in Toloka. `retryOf` is the request that is tried again.
   */
  async function ask(actor: Actor, target: Target, retryOf?: string): Promise<Asked> {
    const checked = await check(actor, target);
    if (checked.kind !== 'checked') return checked;
    const { plan } = checked;
    if (plan.blockers.length > 0) return blocked(actor, plan, []);
    const { environment, trainingId } = target;
    const createdAt = clock.now();
    const { user: requester, channel } = actor;
    const id = newId();
    const request = await journal.create(
      { id, environment, trainingId, requester, channel, plan, retryOf: retryOf ?? null, createdAt },
      { kind: 'asked', at: createdAt, actor: requester },
    );
    logger.info('asked', { request: id, user: requester, channel, environment, training: trainingId });
    return { kind: 'planned', request, changes: [] };
  }

  return { ask, check, blocked };
}

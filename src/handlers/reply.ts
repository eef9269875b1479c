import type { AckFn, AnyMiddlewareArgs, Middleware, RespondFn, ViewResponseAction } from '@slack/bolt';
import type { Actor } from '../archive/service';
import { ACTIONS, VIEWS } from '../messages/ids';
import { deniedModal } from '../messages/modal';
import { faultText } from '../messages/notices';
import { respondFirst } from '../slack/notify';
import { actorOf, type ClickBody, deny, type HandlerDeps } from './deps';

/** As much of what Slack sends as says what was clicked, by whom and where. */
interface Body extends Partial<ClickBody> {
  type?: string;
  channel?: { id?: string };
  actions?: { action_id?: string }[];
  view?: { type?: string; callback_id?: string };
  /** Commands have these instead. */
  user_id?: string;
  channel_id?: string;
}

type Ack = AckFn<ViewResponseAction | undefined>;

/** For a command or a click that brings its own address for replies. A button in a modal has none. */
export const withRespond = (deps: HandlerDeps, respond: RespondFn | undefined): HandlerDeps =>
  respond === undefined ? deps : { ...deps, notify: respondFirst(respond, deps.notify) };

/**
 * The middleware that guarantees a reply to every command and click: also when a handler fails, and when no handler
 * knows the button or modal because another version of the app made it.
 */
export const withReply =
  (all: HandlerDeps): Middleware<AnyMiddlewareArgs> =>
  async ({ next, ...args }) => {
    const body: Body = args.body as object;
    const { ack, respond } = args as { ack?: Ack; respond?: RespondFn };
    const deps = withRespond(all, respond);
    try {
      if (ack === undefined || isKnown(body)) await next();
      else await denyStale(deps, body, ack);
    } catch (error) {
      // The connection was lost while acknowledging. Slack shows that itself, or delivers it again.
      if (String((error as { code?: unknown } | null)?.code).startsWith('slack_socket_mode')) throw error;
      const user = body.user_id ?? body.user?.id;
      const channel = body.channel_id ?? body.channel?.id;
      deps.logger.error('handler failed', { user, channel, error });
      if (user !== undefined) await deps.notify({ user, channel: channel ?? user }, faultText());
    }
  };

const isOneOf = (ids: Record<string, string>, id: string | undefined): boolean =>
  Object.values(ids).some((known) => known === id);

function isKnown({ type, actions, view }: Body): boolean {
  if (type === 'block_actions') return isOneOf(ACTIONS, actions?.[0]?.action_id);
  if (type === 'view_submission' || type === 'view_closed') return isOneOf(VIEWS, view?.callback_id);
  return true;
}

async function denyStale(deps: HandlerDeps, body: Body, ack: Ack): Promise<void> {
  const { type, user, channel } = body;
  const actor = user && actorOf({ ...body, user }, channel?.id);
  if (actor && type === 'view_submission') return denyStaleView(deps, actor, ack);
  await ack();
  // Closing a modal that is not known any more needs no reply.
  if (actor && type === 'block_actions') await deny(deps, actor, 'stale_click');
}

/** Answers the submit of a modal that another version of the app made. */
export async function denyStaleView(
  { service, denialContext }: HandlerDeps,
  actor: Actor,
  ack: (response: ViewResponseAction) => Promise<unknown>,
): Promise<void> {
  const state = { environment: '', items: [], channel: actor.channel };
  await ack({ response_action: 'update', view: deniedModal(state, 'stale_click', denialContext) });
  await service.deny(actor, 'stale_click');
}

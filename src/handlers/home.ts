import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { Actor } from '../archive/service';
import { homeView } from '../messages/home';
import { toCardError } from '../slack/errors';
import type { HandlerDeps } from './deps';

/** For how long after its opening a Home tab is kept up to date, in ms. */
const OPEN_FOR_MS = 3_600_000;
/** How often what open tabs show is compared with the journal, in ms. */
const LOOK_EVERY_MS = 5_000;
/** Slack allows `views.publish` about 100 times a minute. The newest viewers come first. */
const VIEWERS = 40;

interface Viewer {
  actor: Actor;
  openedAt: number;
  /** What the tab shows, as text. */
  shown: string;
}

export type Homes = ReturnType<typeof createHomes>;

/**
 * The Home tabs that people have open. Each process keeps those whose opening it was told about, so a tab that was open
 * before a restart is right again when it is opened the next time.
 * @see https://docs.slack.dev/reference/methods/views.publish
 */
export function createHomes(
  deps: Pick<HandlerDeps, 'service' | 'client' | 'resolveEnvironment' | 'logger'>,
  now: () => number,
) {
  const { service, client, resolveEnvironment, logger } = deps;
  const viewers = new Map<string, Viewer>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<unknown> = Promise.resolve();
  let heldUntil = 0;

  async function publish(viewer: Viewer): Promise<void> {
    const view = homeView(await service.lists.overview(viewer.actor), resolveEnvironment(null));
    // It was opened again meanwhile, and what was read for that is newer.
    if (viewers.get(viewer.actor.user) !== viewer) return;
    const text = JSON.stringify(view);
    if (text === viewer.shown || now() < heldUntil) return;
    try {
      await client.views.publish({ user_id: viewer.actor.user, view });
      viewer.shown = text;
    } catch (error) {
      const { reason, retryAfterMs } = toCardError(error);
      heldUntil = now() + (retryAfterMs ?? 0);
      logger.warn('Home tab not shown', { user: viewer.actor.user, reason, error });
    }
  }

  async function look(): Promise<void> {
    for (const [user, { openedAt }] of viewers) if (now() - openedAt > OPEN_FOR_MS) viewers.delete(user);
    for (const viewer of [...viewers.values()].slice(-VIEWERS)) {
      await publish(viewer).catch((error: unknown) => logger.warn('Home tab not read', { error }));
    }
  }

  /** One look at a time. */
  function lookAgain(): Promise<unknown> {
    looking = looking.then(look);
    return looking;
  }

  return {
    async opened(actor: Actor): Promise<void> {
      viewers.delete(actor.user);
      const viewer = { actor, openedAt: now(), shown: '' };
      viewers.set(actor.user, viewer);
      await publish(viewer);
    },
    lookAgain,
    start(): void {
      timer ??= setInterval(() => void lookAgain(), LOOK_EVERY_MS).unref();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await looking;
    },
  };
}

type Args = Pick<SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs, 'event' | 'body'>;

/** Somebody opened the app's Home tab. */
export const homeOpenedHandler =
  ({ homes }: { homes: Homes }) =>
  async ({ event, body }: Args): Promise<void> => {
    if (event.tab !== 'home') return;
    await homes.opened({ user: event.user, channel: event.user, ...workspaceOf(body) });
  };

/**
 * The workspace of the person who opened the tab. An event says whose conversation it is about, so in one that is shared
 * with another company it is not known whose the person is. The tab only shows: each click in it says who clicked.
 * @see https://github.com/slackapi/bolt-js/issues/687
 */
function workspaceOf({
  team_id: team,
  enterprise_id: enterprise = null,
  is_ext_shared_channel: isShared = false,
}: {
  team_id: string;
  enterprise_id?: string | null;
  is_ext_shared_channel?: boolean;
}): Pick<Actor, 'team' | 'enterprise'> {
  return isShared ? { team: '', enterprise: null } : { team, enterprise };
}

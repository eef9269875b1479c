import type { HandlerParts } from './parts';

/** As much of any payload as says who acted, and where. */
interface Heard {
  body: object;
}

const FAULT =
  'Something went wrong inside this app, so this click did nothing. If a card stands in the channel, it tells the truth. Try again, and tell whoever runs this app if it happens twice.';

/** No click is silently ignored: a fault that a callback has no answer for, such as of the journal, is told in private. */
export const withLastWord =
  <Args extends Heard>({ tell, logger }: HandlerParts, callback: (args: Args) => Promise<void>) =>
  async (args: Args): Promise<void> => {
    try {
      await callback(args);
    } catch (error) {
      // The connection went away under the acknowledgement: Slack knows, and says so or delivers it once more.
      if (String((error as { code?: unknown } | null)?.code).startsWith('slack_socket_mode')) throw error;
      const { user, channel } = whoAndWhere(args.body);
      logger.error('handler failed', { user, channel, error });
      if (user !== undefined) await tell(user, channel ?? user, FAULT);
    }
  };

function whoAndWhere(body: object): { user: string | undefined; channel: string | undefined } {
  const { user_id, channel_id, user, channel } = body as {
    user_id?: string;
    channel_id?: string;
    user?: { id?: string };
    channel?: { id?: string };
  };
  return { user: user_id ?? user?.id, channel: channel_id ?? channel?.id };
}

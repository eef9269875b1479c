import type { App } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { type ClientOptions, webClientOptions } from './client';
import { toCardError } from './errors';
import { createSocketReceiver } from './socket';

export interface InspectionOptions extends ClientOptions {
  botToken: string;
  /** Epoch milliseconds. */
  now(): number;
}

/** Asks Slack about an installation, and changes nothing there. Every method throws CardError. */
export function createSlackInspection(options: InspectionOptions) {
  const { botToken, now, timeoutMs, logger, dispatcher } = options;
  const clientOptions = webClientOptions(options);
  const client = new WebClient(botToken, clientOptions);
  let closeSocket = async () => {};

  async function asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw toCardError(error);
    }
  }

  return {
    /** Who the bot token belongs to and what it may do, and the headers from which Slack's time can be read. */
    bot: () =>
      asking(async () => {
        let headers: { date?: string; age?: string } = {};
        const fetch: WebClientOptions['fetch'] = async (url, init) => {
          const response = (await clientOptions.fetch(url, init)) as Response;
          headers = Object.fromEntries(response.headers);
          return response;
        };
        const client = new WebClient(botToken, { ...clientOptions, fetch });
        const sentAt = now();
        const { team, team_id: teamId, user, response_metadata } = await client.auth.test();
        // Null when the header is missing, as behind a gateway that leaves it out.
        const scopes = response_metadata?.scopes ?? null;
        return { team, teamId, user, scopes, headers, sentAt, receivedAt: now() };
      }),

    /** Whether the app-level token may open a connection. Opens none. */
    appToken: (appToken: string) =>
      asking(async () => {
        const client = new WebClient(appToken, clientOptions);
        await client.apps.connections.open();
      }),

    /**
     * Connects as the app does, until Slack's greeting. What Slack sends to this connection in the meantime is lost.
     * @returns why there was no greeting; null when there was
     */
    async greeting(appToken: string): Promise<string | null> {
      const onlyOnce = () => Promise.reject(new Error('One try is enough.'));
      const connection = { appToken, clientOptions, dispatcher, timeoutMs, logger };
      const receiver = createSocketReceiver({ ...connection, sleep: onlyOnce });
      receiver.init({ processEvent: async () => {} } as unknown as App);
      closeSocket = async () => void (await receiver.stop());
      const greeted = receiver.start().then(
        () => null,
        () => receiver.problems().join(),
      );
      return greeted.finally(closeSocket);
    },

    channel: (id: string) =>
      asking(async () => {
        const { channel } = await client.conversations.info({ channel: id });
        return {
          name: channel?.name,
          isMember: channel?.is_member,
          isArchived: channel?.is_archived === true,
          isDirectMessage: channel?.is_im === true || channel?.is_mpim === true,
        };
      }),

    /** The user groups of the workspace by ID, disabled ones too. */
    groups: () =>
      asking(async () => {
        const { usergroups = [] } = await client.usergroups.list({
          include_disabled: true,
          include_users: true,
        });
        return new Map(
          usergroups.map(({ id, handle, date_delete: deleted, users }) => [
            id ?? '',
            { handle, isDisabled: Boolean(deleted), members: users?.length ?? 0 },
          ]),
        );
      }),

    /** Ends what still waits for Slack's greeting. */
    close: () => closeSocket(),
  };
}

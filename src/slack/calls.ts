import type { WebClientOptions } from '@slack/web-api';

export type Fetch = NonNullable<WebClientOptions['fetch']>;

/** What the app calls, and its replies through a `response_url`. */
export const CALLED_METHODS = [
  'apps.connections.open',
  'auth.test',
  'chat.delete',
  'chat.getPermalink',
  'chat.postEphemeral',
  'chat.postMessage',
  'chat.update',
  'conversations.history',
  'conversations.info',
  'conversations.replies',
  'response_url',
  'usergroups.users.list',
  'views.open',
  'views.publish',
  'views.update',
] as const;

/** One call to the Web API, or one reply through a `response_url`. */
export interface SlackCall {
  /** Such as `chat.postMessage`, or `response_url`. */
  method: string;
  /** `ok`, Slack's error code, `ratelimited`, or why there was no answer: `unanswered`, `unreadable`. */
  outcome: string;
  seconds: number;
}
export type OnCall = (call: SlackCall) => void;

/** The same `fetch`, which reports each call. */
export const reportCalls =
  (fetch: Fetch, onCall: OnCall): Fetch =>
  async (url, init) => {
    const began = performance.now();
    // The address of a reply needs no token: it is a secret itself.
    const isCall = new Headers(init?.headers).has('authorization');
    const method = isCall ? (String(url).split('/').at(-1) ?? '') : 'response_url';
    const report = (outcome: string) =>
      onCall({ method, outcome, seconds: (performance.now() - began) / 1000 });
    try {
      const response = (await fetch(url, init)) as Response;
      if (isCall) report(await outcomeOf(response));
      else report(response.ok ? 'ok' : 'unreadable');
      return response;
    } catch (error) {
      report('unanswered');
      throw error;
    }
  };

async function outcomeOf(response: Response): Promise<string> {
  if (response.status === 429) return 'ratelimited';
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const { ok, error } = (body ?? {}) as { ok?: unknown; error?: unknown };
  return ok === true ? 'ok' : String(error ?? 'unreadable');
}

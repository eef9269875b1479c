import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { CardError } from '../archive/errors';
import type { Logger } from '../logger';
import { toCardError } from './errors';
import { retry } from './retry';

export interface OpenView {
  id: string;
  /** Names what it shows. With it, Slack refuses an update when the modal shows something else by now. */
  hash?: string | undefined;
}

/** Opens a modal. Not retried, because a trigger can be used only once. @throws CardError */
export async function openView(client: WebClient, triggerId: string, view: ModalView): Promise<OpenView> {
  try {
    const { view: opened } = await client.views.open({ trigger_id: triggerId, view });
    if (opened?.id) return { id: opened.id, hash: opened.hash };
  } catch (error) {
    throw toCardError(error);
  }
  throw new CardError('maybe', 'slack_unreadable', 'Slack’s answer has no view.');
}

/**
 * * `shown`
 * * `gone`: the modal was closed, or shows something newer.
 * * `seen`: an earlier try worked although its answer was lost, and the person may have acted upon it.
 * * `unanswered`: Slack took no try, or did not say so, so nobody knows.
 */
export type Update = 'shown' | 'gone' | 'seen' | 'unanswered';

/** @see https://docs.slack.dev/reference/methods/views.update#errors */
const GONE = new Set(['not_found', 'hash_conflict']);
const PAUSES_MS = [0, 700];
/** Somebody is looking at the modal. When Slack asks for a longer wait, a private message is better. */
const LONGEST_PAUSE_MS = 3_000;

/**
 * Shows something else in an open modal. The same view twice does no harm, so it is retried. A question is retried only
 * while it is `stillAsked`, because the person may have seen and answered it although Slack's answer was lost.
 */
export async function updateView(
  { client, logger, sleep }: { client: WebClient; logger: Logger; sleep: (ms: number) => Promise<unknown> },
  { id, hash }: OpenView,
  view: ModalView,
  stillAsked: () => Promise<boolean> = async () => true,
): Promise<Update> {
  let maybeSeen = false;
  const update = async (): Promise<Update> => {
    // Without a hash Slack would put an old question over what came after it.
    if (maybeSeen && !(await stillAsked())) return 'seen';
    await client.views.update({ view_id: id, ...(hash && { hash }), view });
    return 'shown';
  };
  const onRetry = ({ failure }: CardError) => {
    maybeSeen ||= failure === 'maybe';
  };
  try {
    return await retry(update, { pausesMs: PAUSES_MS, longestMs: LONGEST_PAUSE_MS, sleep, onRetry });
  } catch (error) {
    const { reason } = toCardError(error);
    logger.warn('modal not updated', { reason, error });
    if (!GONE.has(reason)) return 'unanswered';
    // After a lost answer Slack refuses the hash, or the modal is gone because it was seen and acted upon.
    return maybeSeen ? 'seen' : 'gone';
  }
}

import type { ModalView } from '@slack/types';
import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import type { HandlerParts } from './parts';

export interface OpenView {
  id: string;
  hash?: string | undefined;
}

/**
 * * `yes`: it is shown.
 * * `no`: the window is open no more, or shows something newer.
 * * `seen`: an earlier try arrived although its answer was lost; the person may have acted upon it already.
 * * `unanswered`: no try was answered with yes or no, so nobody knows.
 */
export type Shown = 'yes' | 'no' | 'seen' | 'unanswered';

/** The window is there no more, or shows another view. @see https://docs.slack.dev/reference/methods/views.update#errors */
const GONE = new Set(['not_found', 'hash_conflict']);
/** Before the second and the third try, in ms. */
const PAUSES_MS = [0, 700];
/** Somebody looks at the window: when Slack wants more time than this, a private word is better. */
const LONGEST_PAUSE_MS = 3_000;

/**
 * Shows a view in an open modal. The same view twice does no harm, so it is tried again while the window may be there:
 * but a question only while it is `stillAsked`, since it may have been seen and answered although Slack did not say so.
 */
export async function update(
  { client, logger, sleep }: HandlerParts,
  { id, hash }: OpenView,
  view: ModalView,
  stillAsked: () => Promise<boolean> = async () => true,
): Promise<Shown> {
  for (let tries = 0; ; tries++) {
    // Without a hash Slack would put an old question over what has become of it since.
    if (tries > 0 && !(await stillAsked())) return 'seen';
    try {
      await client.views.update({ view_id: id, ...(hash && { hash }), view });
      return 'yes';
    } catch (error) {
      const reason = error instanceof WebAPIPlatformError ? error.data.error : 'slack_unreachable';
      const asked = error instanceof WebAPIRateLimitedError ? error.retryAfter * 1000 : 0;
      const pause = Math.max(asked, PAUSES_MS[tries] ?? Number.POSITIVE_INFINITY);
      if (!GONE.has(reason) && pause <= LONGEST_PAUSE_MS) {
        await sleep(pause);
        continue;
      }
      logger.warn('modal not updated', { reason, error });
      if (!GONE.has(reason)) return 'unanswered';
      // After a lost answer Slack refuses the hash, or knows the window no more, since it was seen and acted upon.
      return tries === 0 ? 'no' : 'seen';
    }
  }
}

import type { RequestPatch } from './journal-port';
import type { Parts } from './parts';
import type { Outcome } from './request';
import { type Held, move } from './settle';

/** confirmed | submitting → not_started, with what is known of the card. @throws LeaseLostError, RequestChangedError */
export function notStarted(
  parts: Parts,
  held: Held,
  outcome: Outcome,
  patch: RequestPatch = {},
): Promise<Held> {
  const change = {
    kind: 'not_started',
    detail: { ...outcome },
    patch: { outcome, card: held.request.card, ...patch },
  } as const;
  return move(parts, held, { to: 'not_started', ...change });
}

/** Why a request to an environment without a token was not started. */
export const environmentGone = (name: string): Outcome => ({
  code: 'environment_gone',
  message: `This app has no token for ${name} any more, so nothing was sent to Toloka.`,
});

/**
 * Slack's rate limits as token buckets.
 *
 * Read in docs.slack.dev/apis/web-api/rate-limits: about one chat.postMessage per second and channel with short bursts
 * allowed, tiers per minute for the rest, HTTP 429 with Retry-After. Guessed: the size of the bursts. Off by default.
 */
import type { Obj } from './types';

export interface RateLimit {
  perMinute: number;
  /** Calls that may come in one burst. */
  burst: number;
  /** One bucket for each channel instead of one for the workspace. */
  perChannel?: boolean;
}

export type RateLimits = Record<string, RateLimit>;

export const SLACK_LIKE_LIMITS: RateLimits = {
  'chat.postMessage': { perMinute: 60, burst: 4, perChannel: true },
  'chat.postEphemeral': { perMinute: 100, burst: 20 },
  'chat.update': { perMinute: 50, burst: 15 },
  'views.open': { perMinute: 100, burst: 25 },
  'views.update': { perMinute: 100, burst: 25 },
  'views.publish': { perMinute: 100, burst: 25 },
  'conversations.history': { perMinute: 50, burst: 15 },
  'conversations.list': { perMinute: 20, burst: 8 },
};

/** The seconds to wait, or undefined when the call may pass. */
export type Limiter = (method: string, args: Obj) => number | undefined;

export function createLimiter(limits: RateLimits, now: () => number): Limiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (method, args) => {
    const limit = limits[method];
    if (!limit) return undefined;
    const key = limit.perChannel ? `${method} ${String(args['channel'])}` : method;
    const at = now();
    const perMs = limit.perMinute / 60_000;
    const old = buckets.get(key) ?? { tokens: limit.burst, at };
    const tokens = Math.min(limit.burst, old.tokens + (at - old.at) * perMs);
    const passes = tokens >= 1;
    buckets.set(key, { tokens: passes ? tokens - 1 : tokens, at });
    return passes ? undefined : Math.max(1, Math.ceil((1 - tokens) / perMs / 1000));
  };
}

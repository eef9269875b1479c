/**
 * Imitates: 300 requests a second for the whole account, then 429 (the API description, "Rate limiting"). Guessed: that
 * the quota refills evenly, and that there is no Retry-After. A fault rule can send one.
 */
export function createRateLimit(perSecond: number, now: () => number): () => boolean {
  let tokens = perSecond;
  let at = now();

  return () => {
    const time = now();
    tokens = Math.min(perSecond, tokens + ((time - at) / 1000) * perSecond);
    at = time;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}

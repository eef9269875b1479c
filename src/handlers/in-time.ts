/** What `work` brings, or `late` when it takes longer than `ms`. The timer ends with it. */
export async function inTime<T, L>(
  sleep: (ms: number, signal: AbortSignal) => Promise<unknown>,
  { work, ms, late }: { work: Promise<T>; ms: number; late: L },
): Promise<T | L> {
  const answered = new AbortController();
  const waiting = sleep(ms, answered.signal).catch(() => {});
  try {
    return await Promise.race([work, waiting.then(() => late)]);
  } finally {
    answered.abort();
  }
}

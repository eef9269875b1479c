/** What `work` brings; undefined when it takes longer than `ms`. The timer ends with it. */
export async function inTime<T>(
  sleep: (ms: number, signal: AbortSignal) => Promise<unknown>,
  work: Promise<T>,
  ms: number,
): Promise<T | undefined> {
  const answered = new AbortController();
  const late = sleep(ms, answered.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    answered.abort();
  }
}

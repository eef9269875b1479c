/** Counts work in progress, so that a stop can wait for it. Bolt's own `stop()` waits for nothing. */
export function createInFlight() {
  const running = new Set<Promise<unknown>>();
  return {
    async run<T>(work: () => Promise<T>): Promise<T> {
      const promise = work();
      running.add(promise);
      try {
        return await promise;
      } finally {
        running.delete(promise);
      }
    },
    /** Resolves when no work is in progress, including work that started in the meantime. */
    async drained(): Promise<void> {
      while (running.size > 0) await Promise.allSettled(running);
    },
    count: () => running.size,
  };
}

export type InFlight = ReturnType<typeof createInFlight>;

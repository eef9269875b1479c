/** Timeouts that all end when the workspace closes, so that its process can exit. */
export interface Timers {
  /** Runs `then` after `ms`, unless cancelled. On `clear` it never runs. */
  after(ms: number, then: () => void): () => void;
  wait(ms: number): Promise<void>;
  clear(): void;
}

export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  const after: Timers['after'] = (ms, then) => {
    const timer = setTimeout(() => {
      running.delete(timer);
      then();
    }, ms);
    running.add(timer);
    return () => {
      running.delete(timer);
      clearTimeout(timer);
    };
  };
  return {
    after,
    wait: (ms) => new Promise((done) => void after(ms, done)),
    clear() {
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}

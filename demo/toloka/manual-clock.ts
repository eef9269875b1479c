export interface ManualClock {
  now(): number;
  advance(ms: number): void;
}

/** A clock that stands still until told, from the day of the seed document's sample on. */
export function createManualClock(start = Date.UTC(2021, 1, 26, 10, 13, 32, 921)): ManualClock {
  let at = start;
  return {
    now: () => at,
    advance(ms) {
      at += ms;
    },
  };
}

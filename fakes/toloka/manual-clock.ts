export interface ManualClock {
  now(): number;
  advance(ms: number): void;
}

/** A clock that only moves when asked to. It starts at the date of the sample in Toloka's document of 2021. */
export function createManualClock(start = Date.UTC(2021, 1, 26, 10, 13, 32, 921)): ManualClock {
  let at = start;
  return {
    now: () => at,
    advance(ms) {
      at += ms;
    },
  };
}

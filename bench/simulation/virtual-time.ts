import { setImmediate as turn } from 'node:timers/promises';

/** A clock that stops while work is done, then jumps to the next moment at which something is due. */
export interface VirtualTime {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Stops the clock until real work (a file, a socket) is done. */
  real<T>(work: () => Promise<T>): Promise<T>;
  /** Lets time pass until the condition holds. @throws when nothing is left to wait for */
  run(until: () => boolean): Promise<void>;
}

interface Sleeper {
  at: number;
  order: number;
  wake(): void;
}

export function createVirtualTime(start: number): VirtualTime {
  const sleepers = createHeap();
  let at = start;
  let order = 0;
  let working = 0;
  return {
    now: () => at,
    sleep: (ms) =>
      new Promise((wake) => {
        order += 1;
        sleepers.push({ at: at + Math.max(0, ms), order, wake });
      }),
    async real(work) {
      working += 1;
      try {
        return await work();
      } finally {
        working -= 1;
      }
    },
    async run(until) {
      while (!until()) {
        // Everything that is ready runs before the event loop turns.
        await turn();
        if (working > 0) continue;
        if (until()) return;
        const next = sleepers.pop();
        if (next === undefined) throw new Error('Nothing is left to wait for');
        at = next.at;
        next.wake();
      }
    },
  };
}

/** A binary heap: the earliest first; of those due at one moment, the one that went to sleep first. */
function createHeap() {
  const heap: Sleeper[] = [];
  const before = (a: Sleeper, b: Sleeper) => a.at < b.at || (a.at === b.at && a.order < b.order);
  const place = (index: number, one: Sleeper) => {
    heap[index] = one;
  };
  return {
    push(one: Sleeper): void {
      let index = heap.length;
      place(index, one);
      while (index > 0) {
        const up = (index - 1) >> 1;
        const parent = heap[up] as Sleeper;
        if (!before(one, parent)) break;
        place(index, parent);
        place(up, one);
        index = up;
      }
    },
    pop(): Sleeper | undefined {
      const [first] = heap;
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return first;
      let index = 0;
      place(index, last);
      for (;;) {
        let down = 2 * index + 1;
        const right = heap[down + 1];
        if (right && before(right, heap[down] as Sleeper)) down += 1;
        const child = heap[down];
        if (child === undefined || !before(child, last)) return first;
        place(index, child);
        place(down, last);
        index = down;
      }
    },
  };
}

/**
 * What can go wrong on the way to Toloka and back. Nothing here imitates a particular behaviour of the real service:
 * any client of an HTTP service must expect these faults. What matters is whether the request took effect. `effect`
 * sets that, and each kind has a default.
 */
export type Fault = { effect?: boolean } & (
  | {
      kind: 'status';
      status: number;
      code?: string;
      message?: string;
      headers?: Record<string, string>;
      /** Sent instead of Toloka's error shape; a string goes out as it is. */
      body?: unknown;
    }
  | { kind: 'html'; status: number }
  | { kind: 'empty'; status: number }
  /** Fewer bytes than promised, then the end of the connection. Takes effect by default. */
  | { kind: 'truncated' }
  /** A late answer. Takes effect on arrival; with `effect: false` only after the wait, if the client is still there. */
  | { kind: 'slow'; ms: number }
  /** Takes effect after a while, even if the client has given up long before. The hardest one to handle. */
  | { kind: 'late'; ms: number }
  /** No answer, ever. */
  | { kind: 'silent' }
  | { kind: 'reset'; when: 'before' | 'after' }
  /** It took effect, and the answer never came. */
  | { kind: 'lost' }
  | { kind: 'redirect'; location: string; status?: number }
);

export interface FaultRule {
  method?: string;
  /** A string is looked for in the path, a RegExp is matched against it. */
  path?: string | RegExp;
  /** Requests about this training: its own paths, and its operations'. */
  trainingId?: string;
  /** How many requests it hits. @default 1 */
  times?: number;
  /** @default 1 */
  probability?: number;
  /** How many matching requests pass before the first hit. @default 0 */
  after?: number;
  fault: Fault;
}

export interface FaultEntry {
  id: string;
  rule: FaultRule;
  hits: number;
  left: number;
}

export interface Faults {
  add(rule: FaultRule): string;
  remove(id: string): boolean;
  clear(): void;
  list(): FaultEntry[];
}

export interface FaultTarget {
  method: string;
  path: string;
  trainingId: string | undefined;
}

export function takesEffect(fault: Fault): boolean {
  if (fault.effect !== undefined) return fault.effect;
  if (fault.kind === 'reset') return fault.when === 'after';
  return ['truncated', 'slow', 'late', 'lost'].includes(fault.kind);
}

/** `take` finds the first rule that hits a request, and counts the hit. */
export function createFaults(random: () => number): {
  faults: Faults;
  take(target: FaultTarget): FaultEntry | null;
} {
  type Active = FaultEntry & { skip: number };
  let active: Active[] = [];
  let lastId = 0;

  const matches = ({ method, path, trainingId }: FaultRule, target: FaultTarget): boolean => {
    if (method !== undefined && method.toUpperCase() !== target.method) return false;
    if (trainingId !== undefined && trainingId !== target.trainingId) return false;
    if (path === undefined) return true;
    // `search` and not `test`: a RegExp with the flag g remembers where it stopped.
    return typeof path === 'string' ? target.path.includes(path) : target.path.search(path) !== -1;
  };

  return {
    faults: {
      add(rule) {
        const id = `fault-${++lastId}`;
        active.push({ id, rule, hits: 0, left: rule.times ?? 1, skip: rule.after ?? 0 });
        return id;
      },
      remove(id) {
        const before = active.length;
        active = active.filter((entry) => entry.id !== id);
        return active.length < before;
      },
      clear() {
        active = [];
      },
      list: () => active.map(({ id, rule, hits, left }) => ({ id, rule, hits, left })),
    },
    take(target) {
      for (const entry of active) {
        if (!matches(entry.rule, target)) continue;
        if (entry.skip > 0) {
          entry.skip--;
          continue;
        }
        if (random() >= (entry.rule.probability ?? 1)) continue;
        entry.hits++;
        entry.left--;
        if (entry.left <= 0) active = active.filter((other) => other !== entry);
        return entry;
      }
      return null;
    },
  };
}

/**
 * Faults of the Web API, injected by a test. Slack's status history and public bug reports show them in real outages:
 * 429 with Retry-After, 5xx, an answer that is lost on its way, a proxy's HTML page.
 */
import type { Obj } from './types';

export type FaultKind = 'ratelimited' | 'error' | 'status' | 'lost' | 'reset' | 'slow' | 'silent' | 'html';

export interface FaultSpec {
  kind: FaultKind;
  /** A Web API method, `response_url`, or `*`. @default '*' */
  method?: string;
  /** How many calls it hits. @default 1 */
  times?: number;
  /** How many matching calls pass before the first hit. @default 0 */
  skip?: number;
  /** @default 1 */
  probability?: number;
  /** Only calls with such arguments. */
  when?: (args: Obj) => boolean;
  /**
   * Whether the call takes effect although the app gets another answer. Always true for `lost`, always false for
   * `reset`. For `slow`: true means done at once and answered late, false means done late.
   * @default false, but true for `slow`
   */
  effect?: boolean;
  /** For `error`. @default 'internal_error' */
  error?: string;
  /** For `status`. @default 503 */
  status?: number;
  /** For `ratelimited`, in seconds. @default 1 */
  retryAfter?: number;
  /** For `slow`. @default 100 */
  ms?: number;
}

export interface Fault extends Required<Omit<FaultSpec, 'when'>>, Pick<FaultSpec, 'when'> {
  readonly id: number;
  /** How many calls it has hit so far. */
  hits: number;
}

export interface Faults {
  add(spec: FaultSpec): number;
  remove(id: number): void;
  clear(): void;
  list(): readonly Fault[];
}

export function createFaults(
  random: () => number,
): Faults & { take(method: string, args: Obj): Fault | undefined } {
  let faults: Fault[] = [];
  let last = 0;
  return {
    add(spec) {
      last += 1;
      const always = spec.kind === 'lost' ? true : spec.kind === 'reset' ? false : undefined;
      const effect = always ?? spec.effect ?? spec.kind === 'slow';
      const fallback = {
        method: '*',
        times: 1,
        skip: 0,
        probability: 1,
        error: 'internal_error',
        status: 503,
      };
      faults.push({ ...fallback, retryAfter: 1, ms: 100, ...spec, effect, id: last, hits: 0 });
      return last;
    },
    remove(id) {
      faults = faults.filter((fault) => fault.id !== id);
    },
    clear() {
      faults = [];
    },
    list: () => faults,
    take(method, args) {
      for (const fault of faults) {
        if (fault.method !== '*' && fault.method !== method) continue;
        if (fault.when && !fault.when(args)) continue;
        if (fault.hits >= fault.times) continue;
        if (fault.skip > 0) {
          fault.skip -= 1;
          continue;
        }
        if (fault.probability < 1 && random() >= fault.probability) continue;
        fault.hits += 1;
        return fault;
      }
      return undefined;
    },
  };
}

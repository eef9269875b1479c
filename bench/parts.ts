import { journal } from './journal';
import { latency } from './latency';
import { memory } from './memory';
import { notice } from './notice';
import { past } from './past';
import { plan } from './plan';
import type { Part } from './row';
import { startup } from './startup';

/** All benches by name. */
export const PARTS: Record<string, Part> = { latency, notice, memory, past, plan, journal, startup };

import { journal } from './journal';
import { latency } from './latency';
import { memory } from './memory';
import { notice } from './notice';
import { past } from './past';
import { plan } from './plan';
import { roundTrips } from './round-trips';
import type { Part } from './row';
import { soak } from './soak';
import { startup } from './startup';

/** All benches by name. */
export const PARTS: Record<string, Part> = {
  latency,
  'round-trips': roundTrips,
  notice,
  memory,
  past,
  plan,
  journal,
  startup,
  soak,
};

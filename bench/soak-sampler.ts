/*
 * Loaded into the app's process before the app. Appends a line of JSON to the file SOAK_SAMPLES every SOAK_EVERY_MS,
 * and one for each warning of Node, such as one about too many listeners.
 */
import { appendFileSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const { SOAK_SAMPLES = '', SOAK_EVERY_MS = '10000' } = process.env;
/** How often the delay is looked at, in ms. It is part of each reading. */
const RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const write = (line: object) => appendFileSync(SOAK_SAMPLES, `${JSON.stringify(line)}\n`);
const late = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS);

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sample(): void {
  const loop = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) };
  // The pause for the collection below is not the app's.
  delay.disable();
  const { rss } = process.memoryUsage();
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const resources = counted(process.getActiveResourcesInfo());
  const files = readdirSync('/proc/self/fd').length;
  write({ at: Date.now(), rss, heapUsed, external, resources, files, loop });
  delay.reset();
  delay.enable();
}

process.on('warning', ({ name, message }) => write({ warning: `${name}: ${message}` }));
delay.enable();
setInterval(sample, Number(SOAK_EVERY_MS)).unref();

import { cpus, loadavg, totalmem } from 'node:os';

/** A sentence about this machine. */
export function machine(): string {
  const [cpu] = cpus();
  const load = loadavg().map((one) => one.toFixed(1));
  return `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load average ${load.join(' ')}.`;
}

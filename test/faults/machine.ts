import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const LOADS = "for (const name of ['@slack/bolt', 'libsql', 'pg', 'undici']) require(name)";
/** What that takes on two cores with nothing else to do, in ms. */
const AT_REST_MS = 450;
const TIMES = 3;
const LEASE_S = 3;

/**
 * The lease for a run, in seconds: 3, or up to three times as much where a process takes longer to get going. All of
 * the app's time limits follow from the lease, and on a busy machine short ones would test nothing but themselves.
 */
export function leaseFor(given = process.env['FAULTS_LEASE_SECONDS']): number {
  if (given) return Number(given);
  const times = Array.from({ length: TIMES }, () => {
    const began = performance.now();
    spawnSync(process.execPath, ['-e', LOADS], { cwd: ROOT });
    return performance.now() - began;
  });
  const middle = times.sort((a, b) => a - b)[Math.floor(TIMES / 2)] ?? AT_REST_MS;
  return Math.round(LEASE_S * Math.min(3, Math.max(1, middle / AT_REST_MS)) * 10) / 10;
}

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const STARTED_AT = Math.round(Date.now() - process.uptime() * 1000);
const PLACE = placeOfPids();

/**
 * Where a PID means one process: a boot of a machine, and there a PID namespace. The name of the host is not enough,
 * since machines may be named alike, and so may the containers of one host. Undefined where Linux does not say it.
 */
function placeOfPids(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()}/${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** Names this process, so that its leases can be given back when it is gone: its place, PID and start. */
export const processOwner = (): string => `${PLACE ?? hostname()}|${process.pid}|${STARTED_AT}`;

/**
 * Whether a process is certainly gone: nothing in its place has its PID, or this process has it now, as happens in a
 * container. False for other places, and while anything else has the PID.
 */
export function isGone(owner: string): boolean {
  const [place, pid, startedAt] = owner.split('|');
  if (PLACE === undefined || place !== PLACE || !/^[1-9]\d*$/.test(pid ?? '')) return false;
  if (Number(pid) === process.pid) return Number(startedAt) !== STARTED_AT;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

import type { Act, Connection, Delivery, Evidence, Life, Logged } from './evidence';
import { currentLife } from './gather';

/**
 * Why an act got no acknowledgement or no answer although the app did nothing wrong. Each excuse is about the process
 * that held this very delivery, or about the time when there was none:
 * * `killed`, `stopped`: that process was killed, or stopped, before it had had enough time.
 * * `cut`: the connection on which the delivery travelled was cut.
 * * `nobody there`: every process was down, stopped or just reconnecting, for a reason that the run knows.
 */
export type Excuse = 'killed' | 'stopped' | 'cut' | 'nobody there';

/** Slack waits this long for an acknowledgement. */
const ACK_MS = 3_000;
/**
 * A process that ran for this long with a delivery in its hands must have acknowledged it. Measured on two busy cores,
 * in 2,500 acts: 8 ms in the middle, 95 ms for 99 of 100, never more than 180 ms. A submit is acknowledged when the card
 * is in the channel, and after two seconds in any case; a search when it has found something.
 */
const ackEnoughMs = ({ kind }: Act): number =>
  ['submit', 'reason', 'search'].includes(kind) ? 2_500 : 1_000;
/**
 * How long a process may take to open a new connection after it lost one, or after Slack refused it one. The client
 * waits up to 2 s before it tries again.
 */
const RECONNECT_MS = 4_000;
/** A client that was stopped takes Slack for dead when it wakes, and hangs up within this time. */
const HANG_UP_MS = 3_000;

/** For how long of this span the process was alive and not stopped by the run. */
export function ran({ killedAt, stops }: Life, from: number, until: number): number {
  const end = Math.min(until, killedAt ?? until);
  const stopped = stops.reduce(
    (sum, stop) => sum + Math.max(0, Math.min(stop.until, end) - Math.max(stop.from, from)),
    0,
  );
  return Math.max(0, end - from - stopped);
}

const wasStopped = ({ stops }: Life, from: number, until: number): boolean =>
  stops.some((stop) => stop.from <= until && stop.until >= from);

/** For an act that Slack got no acknowledgement for: each of its deliveries needs an excuse. */
export function excuseSilence(act: Act, evidence: Evidence): Excuse | undefined {
  const deadline = act.at + ACK_MS;
  const enoughMs = ackEnoughMs(act);
  let first: Excuse | undefined;
  for (const delivery of act.deliveries) {
    const excuse = excuseDelivery(delivery, { deadline, enoughMs }, evidence);
    // It came here late because the connection before was lost, so that there was no time left for this process.
    const isLate = delivery.process !== null && delivery.at > deadline - enoughMs;
    if (excuse === undefined && !(isLate && first !== undefined)) return undefined;
    first ??= excuse;
  }
  return first;
}

function excuseDelivery(
  delivery: Delivery,
  { deadline, enoughMs }: { deadline: number; enoughMs: number },
  evidence: Evidence,
): Excuse | undefined {
  const life = evidence.lives.find(({ process }) => process === delivery.process);
  if (life === undefined) return isNobodyThere(delivery, evidence) ? 'nobody there' : undefined;
  const connection = evidence.connections.find(({ id }) => id === delivery.connection);
  const lost = connection && whyClosed(connection, life);
  const lostAt = lost === undefined ? deadline : Math.min(deadline, connection?.closedAt ?? deadline);
  if (ran(life, delivery.at, lostAt) >= enoughMs) return undefined;
  if (life.killedAt !== null && life.killedAt < deadline) return 'killed';
  if (lost !== undefined && lostAt < deadline) return lost;
  return wasStopped(life, delivery.at, deadline) ? 'stopped' : undefined;
}

/** Undefined when the connection is open, or when the run knows no reason for its end. */
function whyClosed({ closedAt, cutAt }: Connection, life: Life): Excuse | undefined {
  if (closedAt === null) return undefined;
  if (cutAt !== null) return 'cut';
  if (life.killedAt !== null && life.killedAt <= closedAt) return 'killed';
  return wasStopped(life, closedAt - HANG_UP_MS, closedAt) ? 'stopped' : undefined;
}

function isNobodyThere({ at, replica }: Delivery, evidence: Evidence): boolean {
  const { lives } = evidence;
  // HTTP: only the replica at this address is asked.
  if (replica !== null) return isDown(currentLife(lives, replica, at), at);
  const replicas = [...new Set(lives.map((life) => life.replica))];
  return replicas.every((one) => {
    const life = currentLife(lives, one, at);
    return life === undefined || isDown(life, at) || isReconnecting(life, at, evidence);
  });
}

const isDown = (life: Life | undefined, at: number): boolean =>
  life === undefined ||
  life.readyAt === null ||
  life.readyAt > at ||
  (life.killedAt !== null && life.killedAt <= at);

function isReconnecting(life: Life, at: number, { connections, failedOpens }: Evidence): boolean {
  const since = at - RECONNECT_MS;
  const isRecent = (when: number | null) => when !== null && when >= since && when <= at;
  return (
    wasStopped(life, since, at) ||
    connections.some(({ process, cutAt }) => process === life.process && isRecent(cutAt)) ||
    failedOpens.some((one) => one.process === life.process && isRecent(one.at))
  );
}

/** For an act that was acknowledged: a process that had it was killed or stopped before it had run for long enough. */
export function excuseWork(act: Act, enoughMs: number, { lives }: Evidence): Excuse | undefined {
  for (const { process, at } of act.deliveries) {
    const life = lives.find((one) => one.process === process);
    if (life === undefined || ran(life, at, act.lookedUntil) >= enoughMs) continue;
    if (life.killedAt !== null && life.killedAt <= act.lookedUntil) return 'killed';
    if (wasStopped(life, at, act.lookedUntil)) return 'stopped';
  }
  return undefined;
}

/** Whether a process that had this act logged an error about it, or this one. */
export function isLogged(
  { user, at, items, deliveries, lookedUntil }: Act,
  { logged }: Evidence,
  message?: string,
): boolean {
  const had = (process: number) => deliveries.some((delivery) => delivery.process === process);
  const isAbout = ({ requestIds, trainingIds, at: when, message: said }: Logged) => {
    if (message !== undefined && said !== message) return false;
    if (requestIds.length > 0) return items.some(({ requestId }) => requestIds.includes(requestId ?? ''));
    if (trainingIds.length > 0) return items.some(({ trainingId }) => trainingIds.includes(trainingId));
    return when <= lookedUntil;
  };
  return logged.some((one) => one.user === user && one.at >= at && had(one.process) && isAbout(one));
}

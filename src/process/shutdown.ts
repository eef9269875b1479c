import type { Logger } from '../logger';

interface Stoppable {
  stop(): Promise<void>;
}

/** A signal may arrive twice, in ms: `npm start` passes on what a terminal or systemd sends to all its processes. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Stops the app on SIGTERM and SIGINT: accepted work finishes first; a second signal ends the process at once. Call it
 * before the start is over, so that a signal during the start ends the process too.
 */
export function stopOnSignal(starting: Promise<Stoppable>, logger: Logger): void {
  let stopping = false;
  let signalledAt = 0;
  let running: Stoppable | undefined;
  starting.then(
    (started) => {
      running = started;
    },
    () => {},
  );
  exitOnRejection(logger, () => stopping);
  const stop = async (signal: string) => {
    if (stopping) {
      if (performance.now() - signalledAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stopping = true;
    signalledAt = performance.now();
    logger.info('stopping', { signal });
    try {
      await running?.stop();
      logger.info('stopped');
      process.exit(0);
    } catch (error) {
      logger.error('stop failed', { error });
      process.exit(1);
    }
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
}

/**
 * An unhandled rejection ends the process, as it does by default, but is logged first. Not while stopping: the socket
 * client rejects when it is stopped while it reconnects, and the stop must go on.
 */
function exitOnRejection(logger: Logger, isStopping: () => boolean): void {
  process.on('unhandledRejection', (reason) => {
    logger.error('unhandled rejection', { error: reason ?? null });
    if (!isStopping()) process.exit(1);
  });
}

/** A program that reads the output, such as a log collector, may end. Only its lines are lost then. */
export function surviveLostReaders(): void {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}

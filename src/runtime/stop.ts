import type { Logger } from './logger';

interface Stoppable {
  stop(): Promise<void>;
}

/**
 * A rejection that nobody handles ends the process, as Node would do it, but is logged first. While stopping it does
 * not: the socket client rejects with nothing when it is stopped while it reconnects, and the stop must go on.
 */
function logRejections(logger: Logger, stopping: () => boolean): void {
  process.on('unhandledRejection', (reason) => {
    logger.error('unhandled rejection', { error: reason ?? null });
    if (!stopping()) process.exit(1);
  });
}

/**
 * Lets what was accepted finish; a second signal ends at once. Set up first, so that no moment is without it: before
 * the start is over nothing was accepted, and what is waited for may never come.
 */
export function stopOnSignal(starting: Promise<Stoppable>, logger: Logger): void {
  let stopping = false;
  let running: Stoppable | undefined;
  starting.then(
    (started) => {
      running = started;
    },
    () => {},
  );
  logRejections(logger, () => stopping);
  const stop = async (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
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

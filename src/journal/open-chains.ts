import type { Kysely } from 'kysely';
import type { Logger } from '../logger';
import { type AuditRecord, openRecords } from './audit';
import type { Tables } from './schema';

const BROKEN =
  'the record of open requests was changed outside the app. Run "npm run -s audit -- verify" and compare the requests with their cards and with Toloka';

export interface OpenChains {
  /** How many requests are open. */
  requests: number;
  broken: Pick<AuditRecord, 'id' | 'findings'>[];
}

/** Checks the chain of each open request. @throws JournalError */
export async function verifyOpenChains(db: Kysely<Tables>): Promise<OpenChains> {
  const broken: OpenChains['broken'] = [];
  let requests = 0;
  for await (const { id, findings } of openRecords(db)) {
    requests++;
    if (findings.length > 0) broken.push({ id, findings });
  }
  return { requests, broken };
}

/**
 * Logs which chains of open requests are broken. Never throws. Those requests go on: what Toloka does about them has to be
 * found out all the same.
 */
export async function reportBrokenChains(
  journal: { verifyOpen(): Promise<OpenChains> },
  logger: Logger,
): Promise<void> {
  try {
    const { requests, broken } = await journal.verifyOpen();
    if (broken.length === 0) logger.info('the chains of the open requests are intact', { requests });
    else logger.error(BROKEN, { requests: broken });
  } catch (error) {
    logger.warn('the chains of the open requests could not be checked', { error });
  }
}

import type { Parts } from './parts';
import type { Actor, Refused, Target } from './results';

export interface RefusedAbout extends Partial<Target> {
  requestId?: string;
}

export type Refuse = (actor: Actor, code: string, message: string, about?: RefusedAbout) => Promise<Refused>;

/**
 * Writes a no into the journal and hands it back to be said. Never throws: the person must hear the no in any case,
 * and the log keeps what the journal could not.
 */
export function createRefuse({ journal, clock, newId, logger }: Parts): Refuse {
  return async (actor, code, message, about = {}) => {
    const { user, channel } = actor;
    const { environment = null, trainingId = null, requestId = null } = about;
    const refusal = {
      id: newId(),
      at: clock.now(),
      code,
      message,
      user,
      channel,
      environment,
      trainingId,
      requestId,
    };
    try {
      await journal.refuse(refusal);
    } catch (error) {
      logger.error('refusal not recorded', { refusal, error });
    }
    logger.info('refused', { refusal: code, user, channel, environment, trainingId, request: requestId });
    return { kind: 'refused', code, message };
  };
}

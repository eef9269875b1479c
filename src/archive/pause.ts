import type { Checks } from './checks';
import type { Actor } from './policy';
import type { Deps, SubmitResult } from './ports';
import type { Pause } from './request';

export interface PauseChange extends Pause {
  kind: 'paused' | 'resumed';
  team: string;
  channel: string;
}

/** Whether archiving is paused, for all processes that share the journal. A part of the journal. */
export interface Pauses {
  /** Who paused archiving; null when nobody did, or somebody resumed it. */
  pause(): Promise<Pause | null>;
  /**
   * Pauses or resumes archiving. Writes nothing when it is so already.
   * @returns whether this call changed it, and the pause that was on before
   */
  setPause(change: PauseChange): Promise<{ changed: boolean; before: Pause | null }>;
}

type PauseDenial = 'pause_not_allowed' | 'access_unknown';

/** What `pause` and `resume` brought. */
export type PauseAnswer =
  /** `pause`: the one that is on now. */
  | { kind: 'paused' | 'already_paused'; pause: Pause }
  /** `pause`: the one that is over. */
  | { kind: 'resumed'; pause: Pause }
  | { kind: 'not_paused' }
  | { kind: 'denied'; code: PauseDenial };

/** Stops everything new, and lets it go on. What Toloka is archiving is followed to its end in any case. */
export function createPauses({ journal, adminPolicy, clock, logger }: Deps, { deny }: Checks) {
  /** Null when this person may pause and resume. Else it is recorded. */
  async function mayPause(actor: Actor): Promise<Extract<PauseAnswer, { kind: 'denied' }> | null> {
    const denial = await adminPolicy(actor);
    if (denial === null) return null;
    const code = denial === 'access_unknown' ? denial : 'pause_not_allowed';
    await deny(actor, code, { detail: denial });
    return { kind: 'denied', code };
  }

  async function change(actor: Actor, kind: PauseChange['kind'], reason: string) {
    const { user, team, channel } = actor;
    const change = { kind, user, reason, at: clock.now(), team, channel };
    const done = await journal.setPause(change);
    if (done.changed) logger.warn(`archiving ${kind}`, { user, team, channel });
    return { ...done, pause: { user, reason, at: change.at } };
  }

  return {
    mayPause,

    /** For ADMIN_ALLOW. From a second later on, no process sends anything new to Toloka. */
    async pause(actor: Actor, reason: string): Promise<PauseAnswer> {
      const denied = await mayPause(actor);
      if (denied !== null) return denied;
      const { changed, before, pause } = await change(actor, 'paused', reason);
      if (changed || before === null) return { kind: 'paused', pause };
      await deny(actor, 'already_paused');
      return { kind: 'already_paused', pause: before };
    },

    /** For ADMIN_ALLOW. What was confirmed in the meantime goes on after its plan was checked again. */
    async resume(actor: Actor): Promise<PauseAnswer> {
      const denied = await mayPause(actor);
      if (denied !== null) return denied;
      const { before } = await change(actor, 'resumed', '');
      if (before !== null) return { kind: 'resumed', pause: before };
      await deny(actor, 'not_paused');
      return { kind: 'not_paused' };
    },
  };
}

export const notSent = (code: string): SubmitResult => ({ kind: 'not_sent', outcome: { code } });

/** How old a look that found no pause may be when the first byte leaves, in ms. */
const CLEAR_FOR_MS = 900;
const LOOK_EVERY_MS = 250;
/** That look was too old by then, so nothing was sent. */
const HELD = 'toloka_held';
const TRIES = 3;

/**
 * Sends a POST unless archiving is paused. One look before it is not enough: connecting to Toloka can take seconds, and
 * this process can be stopped at any moment. So the app goes on looking until the first byte leaves. Measured by the
 * machine's own timer, since a clock that is set meanwhile must neither allow nor prevent it.
 * @param clearSince the start of the last look that found no pause (`performance.now()`, in ms)
 * @param send is given what to ask right before the first byte leaves
 * @throws what the journal throws; nothing was sent then
 */
export async function unlessPaused(
  { journal }: Pick<Deps, 'journal'>,
  clearSince: number,
  send: (mayStart: () => boolean) => Promise<SubmitResult>,
): Promise<SubmitResult> {
  let clearAt = clearSince;
  let isPaused = false;
  async function look(): Promise<void> {
    const at = performance.now();
    isPaused = (await journal.pause()) !== null;
    clearAt = isPaused ? Number.NEGATIVE_INFINITY : at;
  }
  for (let tries = 1; ; tries++) {
    if (performance.now() - clearAt > LOOK_EVERY_MS) await look();
    if (isPaused) return notSent('paused');
    const looking = setInterval(() => void look().catch(() => {}), LOOK_EVERY_MS);
    try {
      const result = await send(() => {
        clearInterval(looking);
        return performance.now() - clearAt <= CLEAR_FOR_MS;
      });
      if (result.kind !== 'not_sent') return result;
      if (isPaused) return notSent('paused');
      // Nothing was sent because this process stalled, so it looks and sends again.
      if (result.outcome.code !== HELD || tries === TRIES) return result;
    } finally {
      clearInterval(looking);
    }
  }
}

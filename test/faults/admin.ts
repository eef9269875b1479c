import { setTimeout as sleep } from 'node:timers/promises';
import { askOnce, type Crowd, untilAcked } from './people';
import type { Random } from './random';

/** From the end of a pause to the next one, and how long it lasts, in ms, with leases of 3 s. */
const BETWEEN_MS: [number, number] = [8_000, 14_000];
const PAUSED_MS: [number, number] = [1_500, 3_500];
const TRIES = 20;

/** Pauses archiving now and then until it is told to end, and resumes it in any case. */
export function startAdmin(
  crowd: Crowd,
  { user, channel, random, leaseMs }: { user: string; channel: string; random: Random; leaseMs: number },
): { end(): Promise<void> } {
  const admin = crowd.workspace.person(user);
  let over = false;
  const wait = ([low, high]: [number, number]) => sleep((random.whole(low, high) * leaseMs) / 3_000);

  /** Until the app says that it is done. Returns whether it did. */
  async function say(kind: 'pause' | 'resume', word: RegExp): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries++) {
      const text = kind === 'pause' ? 'pause maintenance' : 'resume';
      const about = { kind, channel, trainingIds: [] };
      await untilAcked(crowd, random, () =>
        askOnce(crowd, admin, about, () => admin.command(text, { channel })),
      );
      const saw = crowd.acts.findLast((act) => act.user === user)?.saw;
      if (saw && word.test(saw.text)) return true;
    }
    return false;
  }

  const running = (async () => {
    while (!over) {
      await wait(BETWEEN_MS);
      if (over) return;
      crowd.paused = true;
      await say('pause', /\*Paused\.\*|is already paused/);
      await wait(PAUSED_MS);
      await say('resume', /\*Resumed\.\*|is not paused/);
      crowd.paused = false;
    }
  })();

  return {
    async end() {
      over = true;
      await running;
      await say('resume', /\*Resumed\.\*|is not paused/);
    },
  };
}

import type { TrainingPath } from './endpoints';
import { TolokaNotFoundError } from './errors';

export type ReadTraining = <T>(read: (path: TrainingPath) => Promise<T>) => Promise<T>;

/**
 * Finds out how the path of a training is spelled for reads. The 2021 document spells the archive call `training`, and
 * only that call: nobody knows whether reads ever had that alias. So a client that is set to `training` reads there
 * first, on 404 once more at `trainings`, and stays with the spelling that worked. For the archive there is no such
 * search: it goes to the configured spelling, because a second POST is never sent.
 *
 * @see Toloka/docs at ec5ddf6b, which rewrote `training` to `trainings` in archive-training.md
 */
export function createReadTraining(configured: TrainingPath): ReadTraining {
  let known: TrainingPath | undefined = configured === 'trainings' ? configured : undefined;

  return async (read) => {
    const attempt = async (path: TrainingPath) => {
      const value = await read(path);
      known = path;
      return value;
    };
    if (known) {
      return read(known);
    }
    try {
      return await attempt(configured);
    } catch (error) {
      if (!(error instanceof TolokaNotFoundError)) {
        throw error;
      }
      return attempt('trainings');
    }
  };
}

import type { Journal } from '../../src/archive/journal-port';
import { journalClaims } from './contract-claims';
import { journalMoves } from './contract-moves';
import { journalReading } from './contract-reading';
import { journalWatch } from './contract-watch';

/** Where the journals of one test live; empty at first. */
export interface JournalPlace {
  /** A new handle on the same data, as another process would have. */
  open(): Promise<Journal>;
  /** Runs a statement behind the journal's back, and closes again. */
  execute(sql: string): Promise<unknown>;
  /** Closes every handle and removes the data. */
  remove(): Promise<void>;
}

/** What every journal promises, whichever database is under it. */
export function journalContract(name: string, makePlace: () => Promise<JournalPlace>): void {
  describe(`the journal on ${name}`, () => {
    let place: JournalPlace;
    beforeEach(async () => {
      place = await makePlace();
    });
    afterEach(async () => {
      await place.remove();
    });

    journalMoves(() => place);
    journalClaims(() => place);
    journalReading(() => place);
    journalWatch(() => place);
  });
}

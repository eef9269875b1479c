import type { OpenJournal } from '../../src/journal/store';
import { journalChain } from './contract-chain';
import { journalClaims } from './contract-claims';
import { journalInspection } from './contract-inspection';
import { journalPauses } from './contract-pauses';
import { journalProcesses } from './contract-processes';
import { journalReading } from './contract-reading';
import { journalSchema } from './contract-schema';
import { journalTeam } from './contract-team';
import { journalWatches } from './contract-watches';
import { journalWorkload } from './contract-workload';
import { journalWrites } from './contract-writes';

/** Where the journals of one test are; empty at first. */
export interface JournalPlace {
  where: { path: string; databaseUrl?: string };
  /** A new handle on the same data, as another process would have. */
  open(): Promise<OpenJournal>;
  /** Runs a statement behind the journal's back. */
  execute(sql: string): Promise<unknown>;
  /** How the database finds the rows of a query, in its own words. */
  explain(query: { sql: string; parameters: readonly unknown[] }): Promise<string>;
  /** The JSON columns of a request as they are stored. */
  row(id: string): Promise<{ facts: string; delivery: string }>;
  /** Lets events be changed and removed, which only somebody with the whole database can. */
  unlock: string;
  /** The file, or the address of the database, for another process. */
  place: string;
  /** Closes every handle and removes the data. */
  remove(): Promise<void>;
}

/** What every journal promises, in whichever database it is. */
export function journalContract(name: string, makePlace: () => Promise<JournalPlace>): void {
  describe(`the journal on ${name}`, () => {
    let place: JournalPlace;
    beforeEach(async () => {
      place = await makePlace();
    });
    afterEach(async () => {
      await place.remove();
    });

    const suites = {
      journalWrites,
      journalClaims,
      journalTeam,
      journalReading,
      journalWorkload,
      journalChain,
      journalSchema,
      journalInspection,
      journalProcesses,
      journalPauses,
      journalWatches,
    };
    for (const [about, suite] of Object.entries(suites)) describe(about, () => suite(() => place));
  });
}

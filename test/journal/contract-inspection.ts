import { inspectJournal } from '../../src/journal/inspection';
import { SCHEMA } from '../../src/journal/schema';
import { advance, confirmed, planned } from './builders';
import type { JournalPlace } from './contract';

/** What is found out about a journal without writing to it. */
export function journalInspection(place: () => JournalPlace): void {
  const inspect = () => inspectJournal(place().where);

  describe('an inspection', () => {
    it('says that there is no journal yet, and makes none', async () => {
      for (let i = 0; i < 2; i++)
        expect(await inspect()).toMatchObject({ schema: null, unwritable: null, open: [] });
    });

    it('finds the open requests, and what is wrong with their records', async () => {
      const journal = await place().open();
      await planned(journal, 'seen');
      await confirmed(journal, 'intact');
      await confirmed(journal, 'changed');
      await advance(journal, await confirmed(journal, 'ended'), 'not_started');
      await place().execute(
        `${place().unlock}; update events set actor = 'U9' where request_id = 'changed' and seq = 2`,
      );
      const { open, ...found } = await inspect();
      expect(found).toEqual({
        location: expect.any(String),
        schema: SCHEMA,
        unwritable: null,
        freeBytes: expect.any(Number),
        clock: null,
      });
      const findings = open.map((one) => [one.id, one.request?.state, one.findings.length]);
      expect(findings.sort()).toEqual([
        ['changed', 'confirmed', 1],
        ['intact', 'confirmed', 0],
      ]);
    });

    it('does not take a journal of another version for one of its own', async () => {
      await place().open();
      await place().execute(`update schema_version set version = ${SCHEMA + 1}`);
      await expect(inspect()).rejects.toMatchObject({ code: 'journal_too_new' });
    });
  });
}

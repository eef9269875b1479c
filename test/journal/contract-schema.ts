import { openAudit } from '../../src/journal/audit';
import { SCHEMA } from '../../src/journal/schema';
import { openJournal } from '../../src/journal/store';
import { planned } from './builders';
import type { JournalPlace } from './contract';

/** How a journal of another version is treated. */
export function journalSchema(place: () => JournalPlace): void {
  const setVersion = (version: number) => place().execute(`update schema_version set version = ${version}`);

  describe('the schema', () => {
    it('is made once, and said so', async () => {
      const said: string[] = [];
      const logger = { info: (message: string) => said.push(message), warn: () => {} };
      for (let i = 0; i < 2; i++) await (await openJournal({ ...place().where, logger })).close();
      expect(said).toEqual([expect.stringMatching(/^Journal .*: created\.$/)]);
    });

    it.each([
      [7, 'journal_too_new', /schema 7.* knows 5\. Run the newer version again/],
      [4, 'journal_too_old', /schema 4, from before the first release.*Nothing in it was changed/],
    ])('of version %i is refused, untouched', async (version, code, words) => {
      await planned(await place().open(), 'a');
      await setVersion(version);
      const refused = { code, message: expect.stringMatching(words) };
      await expect(place().open()).rejects.toMatchObject(refused);
      await expect(openAudit(place().where)).rejects.toMatchObject(refused);
      await setVersion(SCHEMA);
      expect(await (await place().open()).get('a')).toBeDefined();
    });
  });
}

import { openJournal } from '../../src/journal/open-journal';
import { card } from '../../src/messages/card';
import { confirmed, move } from '../journal/builders';
import { sqlitePlace } from '../journal/sqlite-place';

describe('the receipt on the card', () => {
  it('is that of the newest event, so it is another one after each', async () => {
    const place = sqlitePlace();
    const journal = await openJournal({ path: place.path });
    const first = await confirmed(journal, 'a');
    const second = await move(journal, first, 'submitting');
    const shown = [first, second].map((request) => {
      const [, receipt] = JSON.stringify(card(request).blocks).match(/· {2}Receipt ([0-9a-f-]{19})"/) ?? [];
      expect(receipt).toBe(request.receipt);
      return receipt;
    });
    expect(new Set(shown).size).toBe(2);
    expect((await journal.get('a'))?.receipt).toBe(shown[1]);
    await journal.close();
    await place.remove();
  });
});

import { openJournal } from '../../src/journal/open-journal';
import { endText } from '../../src/messages/thread';
import { confirmed } from '../journal/builders';
import { sqlitePlace } from '../journal/sqlite-place';

describe('the end in private words', () => {
  it('pings nobody and links nowhere, whatever Toloka said, and names a card only where there is one', async () => {
    const place = sqlitePlace();
    const journal = await openJournal({ path: place.path });
    const request = await confirmed(journal, 'a');
    const outcome = { code: 'X', message: '<!channel> <https://evil.example|Open the card> & *loud*' };
    const text = endText({ ...request, state: 'refused', outcome, card: null });
    expect(text).not.toMatch(/<[!@#h]/);
    expect(text).toContain('&lt;!channel&gt;');
    expect(text).not.toContain(' *loud');
    expect(text).not.toContain('card could not');
    expect(endText({ ...request, state: 'refused', card: { channel: 'C1', ts: '1.1' } })).toContain(
      'Its card could not be updated.',
    );
    await journal.close();
    await place.remove();
  });
});

import { openJournal } from '../../src/journal/store';
import { advance } from '../journal/builders';
import { sqlitePlace } from '../journal/sqlite-place';
import { fill } from './fill';
import { audit } from './run';

// What each kind of tampering is called is tested with the chain itself, on both databases: test/journal/contract-chain.ts.

let place: ReturnType<typeof sqlitePlace>;
let receipt: string;
beforeEach(async () => {
  place = sqlitePlace();
  const journal = await openJournal({ path: place.path });
  await fill(journal);
  receipt = (await journal.get('done'))?.receipt ?? '';
  await journal.close();
});
afterEach(() => place.remove());

const tamper = (sql: string) => place.execute(`${place.unlock}; ${sql}`);

describe('audit verify', () => {
  it('finds everything intact, all or one', async () => {
    expect(await audit(place, 'verify')).toEqual({
      code: 0,
      err: '',
      out: '4 requests, 11 events: all intact.\n',
    });
    expect(await audit(place, 'verify', 'done')).toEqual({
      code: 0,
      err: '',
      out: `done: intact, 5 events, receipt ${receipt}.\n`,
    });
  });

  it('names the event that is not as it was', async () => {
    await tamper(`update events set actor = 'U9' where request_id = 'done' and seq = 2`);
    const all = await audit(place, 'verify');
    expect(all.code).toBe(1);
    expect(all.out).toBe(
      'done: BROKEN, event 2 was changed, or event 1 was replaced.\n4 requests, 11 events: 1 broken.\n',
    );
    expect((await audit(place, 'verify', 'done')).code).toBe(1);
    expect((await audit(place, 'verify', 'open')).code).toBe(0);
    expect(await audit(place, 'show', 'done')).toMatchObject({
      code: 1,
      err: 'done: BROKEN, event 2 was changed, or event 1 was replaced.\n',
    });
  });

  it('compares with the receipt on the card, however it was copied', async () => {
    for (const form of [
      receipt,
      receipt.toUpperCase(),
      receipt.replaceAll('-', ''),
      `Receipt ${receipt.replaceAll('-', '–')}`,
    ])
      expect(await audit(place, 'verify', 'done', '--receipt', form)).toMatchObject({
        code: 0,
        out: expect.stringContaining('the receipt is that of the last event'),
      });
    const { out } = await audit(place, 'show', 'done');
    const second =
      out
        .split('\n')
        .find((line) => line.startsWith('2 '))
        ?.match(/(....-){3}..../)?.[0] ?? '';
    expect(await audit(place, 'verify', 'done', '--receipt', second)).toMatchObject({
      code: 0,
      out: expect.stringContaining('the receipt is that of event 2; 3 more followed'),
    });
    expect(await audit(place, 'verify', 'done', '--receipt', '0000-0000-0000-0000')).toMatchObject({
      code: 1,
      out: expect.stringContaining('BROKEN, unless the receipt was mistyped: this history never had it'),
    });
  });

  it('finds a cut tail by the receipt alone, as the documents admit', async () => {
    const { facts } = await place.row('open');
    const journal = await place.open();
    const before = await journal.get('open');
    if (!before) throw new Error('not there');
    const { receipt } = await advance(journal, before, 'not_started');
    await tamper(`delete from events where request_id = 'open' and seq = 3`);
    await place.execute(
      `update requests set version = 2, state = 'confirmed', facts = '${facts}',
       head = (select hash from events where request_id = 'open' and seq = 2) where id = 'open'`,
    );
    expect((await audit(place, 'verify')).code).toBe(0);
    expect((await audit(place, 'verify', 'open', '--receipt', receipt)).code).toBe(1);
  });

  it('says that a request is not there any more, by its card or by its events', async () => {
    expect(await audit(place, 'verify', 'nobody')).toMatchObject({
      code: 1,
      out: expect.stringContaining('not in the journal'),
    });
    await place.execute(`pragma foreign_keys = off; delete from requests where id = 'done'`);
    expect(await audit(place, 'verify')).toMatchObject({
      code: 1,
      out: 'done: BROKEN, the request was removed, its events are still there.\n4 requests, 11 events: 1 broken.\n',
    });
    expect((await audit(place, 'verify', 'done')).code).toBe(1);
  });
});

import type { PauseChange } from '../../src/archive/pause';
import { openAudit } from '../../src/journal/audit';
import type { OpenJournal } from '../../src/journal/store';
import { advance, advanceThrough, confirmed, NOON } from './builders';
import type { JournalPlace } from './contract';

const change = (kind: PauseChange['kind'], over: Partial<PauseChange> = {}): PauseChange => ({
  ...{ kind, user: 'U1', reason: 'an incident', at: NOON, team: 'T1', channel: 'C1' },
  ...over,
});
const PAUSE = { user: 'U1', reason: 'an incident', at: NOON };

export function journalPauses(place: () => JournalPlace): void {
  let journal: OpenJournal;
  beforeEach(async () => {
    journal = await place().open();
  });

  it('are on for every process until one resumes', async () => {
    const other = await place().open();
    expect(await journal.pause()).toBeNull();
    expect(await journal.setPause(change('paused'))).toEqual({ changed: true, before: null });
    expect(await other.pause()).toEqual(PAUSE);
    expect(await other.setPause(change('resumed', { user: 'U2' }))).toEqual({ changed: true, before: PAUSE });
    expect(await journal.pause()).toBeNull();
  });

  it('are written once: what is so already stays as it is', async () => {
    expect(await journal.setPause(change('resumed'))).toEqual({ changed: false, before: null });
    await journal.setPause(change('paused'));
    const again = await journal.setPause(change('paused', { user: 'U2', reason: 'another' }));
    expect(again).toEqual({ changed: false, before: PAUSE });
    expect(await journal.pause()).toEqual(PAUSE);
  });

  it('by many at the same instant count once', async () => {
    const handles = await Promise.all([place().open(), place().open(), place().open()]);
    const all = (kind: PauseChange['kind']) =>
      Promise.all(handles.map((handle, i) => handle.setPause(change(kind, { user: `U${i}` }))));
    for (const kind of ['paused', 'resumed', 'paused'] as const) {
      const done = await all(kind);
      expect(done.filter(({ changed }) => changed)).toHaveLength(1);
    }
  });

  it('keep every process from recording that something new is sent, and from nothing else', async () => {
    const waiting = await confirmed(journal, 'a');
    const sent = await advance(journal, await confirmed(journal, 'b'), 'submitting');
    await (await place().open()).setPause(change('paused'));
    await expect(advance(journal, waiting, 'submitting')).rejects.toMatchObject({
      code: 'paused',
      pause: PAUSE,
      message: expect.stringContaining('Resume it'),
    });
    expect(await journal.get('a')).toEqual(waiting);
    expect((await journal.events('a')).map(({ kind }) => kind)).toEqual(['asked', 'confirmed']);
    await advanceThrough(journal, sent, ['accepted', 'succeeded']);
    await confirmed(journal, 'c');
    await journal.setPause(change('resumed'));
    expect(await advance(journal, waiting, 'submitting')).toMatchObject({ state: 'submitting' });
  });

  it('are kept, the newest first, and never changed', async () => {
    await journal.setPause(change('paused', { reason: 'a\0b' }));
    await journal.setPause(change('resumed', { reason: '', at: NOON + 1 }));
    const audit = await openAudit(place().where);
    expect(await audit.pauses()).toEqual([
      change('resumed', { reason: '', at: NOON + 1 }),
      change('paused', { reason: 'a\ufffdb' }),
    ]);
    await audit.close();
    for (const sql of ['update pauses set seq = 9', 'delete from pauses'])
      await expect(place().execute(sql)).rejects.toThrow('never changed');
  });
}

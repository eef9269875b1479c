import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill, fillTeam, NASTY, WATCH } from '../cli/fill';
import { audit, journalProgram } from '../cli/run';
import { planned } from './builders';
import { describePostgres, postgresPlace } from './postgres-place';
import { sqlitePlace } from './sqlite-place';

describePostgres('a journal that is moved from SQLite to PostgreSQL and back', (server) => {
  it('is the same, byte for byte when exported again', async () => {
    const source = sqlitePlace();
    const journal = await source.open();
    await fill(journal);
    await fillTeam(journal);
    await source.execute(WATCH);
    for (const [i, text] of NASTY.entries())
      await planned(journal, `${text} ${i} É e Z`, { trainingId: text });
    const { out: exported } = await journalProgram(source, 'export');
    const file = join(source.directory, 'export.jsonl');
    writeFileSync(file, exported);

    const place = await postgresPlace(server());
    const [requests, events] = [8 + NASTY.length, 25 + NASTY.length];
    const imported = `${requests} requests, ${events} events, 2 denials, 2 pauses, 1 watches imported.\n`;
    expect(await journalProgram(place, 'import', '--in', file)).toEqual({ code: 0, err: '', out: imported });
    expect((await journalProgram(place, 'export')).out).toBe(exported);
    expect(await audit(place, 'verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('all intact'),
    });
    const records = ['export', '--format', 'jsonl', '--denials'];
    expect((await audit(place, ...records)).out).toBe((await audit(source, ...records)).out);
    await place.remove();
    await source.remove();
  });
});

import Libsql from 'libsql';
import { createApp } from '../../src/app';
import { loadConfig } from '../../src/config';
import { openJournal } from '../../src/journal/store';
import { createLogger } from '../../src/logger';
import { confirmed } from '../journal/builders';
import { freePort } from '../support/free-port';
import { createFakes, type Fakes } from '../support/harness';

let fakes: Fakes;
let path: string;
beforeEach(async () => {
  fakes = await createFakes();
  path = fakes.env()['JOURNAL_PATH'] ?? '';
  const journal = await openJournal({ path });
  // In an environment that this app does not have, so that nobody works on them.
  for (const id of ['one', 'two']) await confirmed(journal, id, { environment: 'sandbox' });
  await journal.close();
});
afterEach(() => fakes.close());

interface Line {
  level: string;
  message: string;
}

/** Starts the app, and stops it when its log has a line about the chains. */
async function start() {
  const port = await freePort();
  let written: (line: Line) => void;
  const about = new Promise<Line>((resolve) => {
    written = resolve;
  });
  const logger = createLogger({
    level: 'debug',
    redact: (text) => text,
    write: (text) => {
      const line = JSON.parse(text) as Line;
      if (/chains|record of open requests/.test(line.message)) written(line);
    },
    now: Date.now,
  });
  const app = await createApp(loadConfig(fakes.env({ PORT: String(port) })), { logger });
  await app.start();
  const line = await about;
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
  await app.stop();
  return { line, status };
}

function execute(sql: string): void {
  const database = new Libsql(path);
  database.exec(sql);
  database.close();
}

describe('when the app starts', () => {
  it('says that the chains of the open requests are intact', async () => {
    expect(await start()).toMatchObject({ line: { level: 'info', requests: 2 }, status: 200 });
  });

  it('names each open request whose chain is broken, and starts all the same', async () => {
    execute(`drop trigger events_no_update; update events set actor = 'U9' where request_id = 'two'`);
    const { line, status } = await start();
    expect(line).toMatchObject({
      level: 'error',
      message: expect.stringContaining('npm run -s audit -- verify'),
      requests: [{ id: 'two', findings: [expect.stringMatching(/^event 1 was changed/), expect.anything()] }],
    });
    expect(status).toBe(200);
  });

  it('starts when they cannot be checked', async () => {
    execute('alter table events rename to elsewhere');
    expect(await start()).toMatchObject({ line: { level: 'warn' }, status: 200 });
  });
});

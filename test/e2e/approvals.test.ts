import { join } from 'node:path';
import type { ArchiveRequest } from '../../src/archive/request';
import { openJournal } from '../../src/journal/store';
import { describePostgres, postgresPlace } from '../journal/postgres-place';
import { type AppProcess, startApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { ALICE, BOB, cardsIn, createFakes, type Fakes, GENERAL, TOKENS, textOf } from '../support/harness';

const CAROL = 'U03CAROL';
const DAVE = 'U04DAVE';
const EVERYBODY = [ALICE, BOB, CAROL, DAVE];
const ID = '900001';

/** Two processes of the app on one journal, and people in front of them. */
interface Pair {
  fakes: Fakes;
  processes: AppProcess[];
  /** Each process is killed and another one takes its place. */
  restart(): Promise<void>;
  request(): Promise<ArchiveRequest>;
  close(): Promise<void>;
}

type Place = Pick<Parameters<typeof openJournal>[0], 'databaseUrl'> & { path: string };

async function startPair(place: Place, mode: 'socket' | 'http', env: Record<string, string>): Promise<Pair> {
  const fakes = await createFakes({
    workspace: {
      people: EVERYBODY.map((id) => ({ id, name: id.slice(3).toLowerCase() })),
      channels: [{ id: GENERAL, name: 'general', members: EVERYBODY, bot: true }],
    },
  });
  fakes.account.addTraining({ id: ID, project_id: '74175', status: 'CLOSED' });
  const path = place.path || join(fakes.directory, 'journal.db');
  const ports = await Promise.all([freePort(), freePort()]);
  const launch = async (port: number) => {
    const { SLACK_APP_TOKEN = '', ...rest } = fakes.env({
      // Time limits follow from the lease, and this machine may be busy.
      ...{ JOURNAL_PATH: path, PORT: String(port), LEASE_SECONDS: '30', APPROVALS_PRODUCTION: '2', ...env },
      ...(place.databaseUrl && { DATABASE_URL: place.databaseUrl }),
    });
    const slack = mode === 'http' ? { SLACK_SIGNING_SECRET: TOKENS.signing } : { SLACK_APP_TOKEN };
    const app = startApp({ ...rest, ...slack } as Record<string, string>);
    await app.waitForLog(({ message }) => message === 'ready');
    return app;
  };
  // Deliveries go to the two in turn.
  if (mode === 'http')
    fakes.workspace.setRequestUrl(ports.map((port) => `http://127.0.0.1:${port}/slack/events`));
  const processes = await Promise.all(ports.map(launch));
  return {
    ...{ fakes, processes },
    async restart() {
      await Promise.all(processes.map((app) => app.kill()));
      processes.splice(0, 2, ...(await Promise.all(ports.map(launch))));
    },
    async request() {
      const journal = await openJournal({ path, databaseUrl: place.databaseUrl });
      const id = String(cardsIn(fakes)[0]?.metadata?.event_payload['request_id']);
      const request = await journal.get(id);
      await journal.close();
      if (request === undefined) throw new Error(`No request ${id}`);
      return request;
    },
    async close() {
      await Promise.all(processes.map((app) => app.kill()));
      await fakes.close();
    },
  };
}

function approvals(start: (env?: Record<string, string>) => Promise<Pair>): void {
  let pair: Pair;
  afterEach(() => pair.close());

  const card = () => textOf(cardsIn(pair.fakes)[0]?.blocks);
  const thread = () => (cardsIn(pair.fakes)[0]?.replies ?? []).map(({ text }) => text).join('\n');
  const until = (words: string, where = card) =>
    pair.fakes.workspace.waitFor(() => where().includes(words), { what: words, timeoutMs: 20_000 });
  const click = (user: string, button: string, copies = 1) =>
    pair.fakes.workspace.person(user).click(button, { copies });

  async function ask() {
    const alice = pair.fakes.workspace.person(ALICE);
    await alice.command(ID, { channel: GENERAL });
    await pair.fakes.workspace.waitFor(() => alice.modal()?.submit, { what: 'the Archive button' });
    await alice.fill('Reason', 'no longer used');
    await alice.fill('Type the training ID to confirm', ID);
    await alice.submit();
    await until('Needs 2 approvals');
  }

  it('two people at the same instant, each delivered twice: each counts once, and one POST is sent', async () => {
    pair = await start();
    await ask();
    await Promise.all([click(BOB, 'Approve', 2), click(CAROL, 'Approve', 2), click(ALICE, 'Approve', 2)]);
    await until('*Archived*');
    // The lines follow the card.
    await until('the training is archived', thread);
    const { approval, state } = await pair.request();
    expect([state, approval?.given.map(({ user }) => user).sort()]).toEqual(['succeeded', [BOB, CAROL]]);
    expect(pair.fakes.account.posts(ID)).toEqual({ arrived: 1, effective: 1 });
    expect(cardsIn(pair.fakes)).toHaveLength(1);
    const lines = thread().split('\n');
    for (const user of [BOB, CAROL])
      expect(lines.filter((line) => line.includes(`<@${user}> approved.`))).toHaveLength(1);
  }, 60_000);

  it('an approval survives the end of every process, and so does the wait for the second one', async () => {
    pair = await start();
    await ask();
    await click(BOB, 'Approve');
    await until(`Approved by <@${BOB}>`);
    await pair.restart();
    await click(BOB, 'Approve');
    await click(DAVE, 'Decline');
    const dave = pair.fakes.workspace.person(DAVE);
    await pair.fakes.workspace.waitFor(() => dave.modal()?.submit, { what: 'the Decline modal' });
    await click(CAROL, 'Approve');
    await until('*Archived*');
    await dave.fill('Reason', 'too late');
    await dave.submit();
    expect((await pair.request()).approval).toMatchObject({
      ...{ given: [{ user: BOB }, { user: CAROL }], declined: null },
    });
    expect(pair.fakes.account.posts(ID)).toEqual({ arrived: 1, effective: 1 });
  }, 60_000);

  it('one reminder and one end', async () => {
    // 3.6 seconds.
    pair = await start({ APPROVAL_HOURS: '0.001' });
    await ask();
    await until('*Expired*');
    await until('in time.', thread);
    expect(thread().split('Reminder').length - 1).toBe(1);
    expect(thread().split('The time for approvals is over').length - 1).toBe(1);
    expect((await pair.request()).state).toBe('expired');
    expect(pair.fakes.account.posts(ID).arrived).toBe(0);
  }, 60_000);
}

describe('approvals with two processes over Socket Mode on SQLite', () => {
  approvals((env = {}) => startPair({ path: '' }, 'socket', env));
});

describePostgres('approvals with two processes over HTTP on PostgreSQL', (server) => {
  approvals(async (env = {}) => {
    const database = await postgresPlace(server());
    const pair = await startPair({ path: '', databaseUrl: database.url }, 'http', env);
    const close = () => pair.close().then(database.remove);
    return { ...pair, close };
  });
});

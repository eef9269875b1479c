import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { createCertificate } from '../support/certificates';
import { BOB, cardsIn, ELSEWHERE, GENERAL, GROUP, TOKENS, textOf } from '../support/harness';
import { codesOf, connectWire, type Wire } from './support';

let harness: Wire;
beforeEach(async () => {
  harness = await connectWire();
});
afterEach(() => harness.close());

const { ready, poolOpen, open, archived, locked, foreign } = DEMO_TRAININGS;
const linkTo = (card: { ts: string } | undefined) => `/archives/${GENERAL}/p${card?.ts.replace('.', '')}|`;
const posts = () => harness.account.exchanges.filter(({ method }) => method === 'POST');

describe('a command that is not understood', () => {
  it.each([
    ['status', 'no_id'],
    ['<@U01ALICE>', 'bad_id'],
    [Array.from({ length: 21 }, (_, n) => n + 1).join(' '), 'too_many'],
    [`${ready.id},${ready.id}`, 'duplicate_id'],
    [
      `https://toloka.dev/a/training/${ready.id} https://sandbox.toloka.dev/a/training/5`,
      'environment_conflict',
    ],
  ])('%j is explained in private, denied, and archives nothing', async (text, code) => {
    expect(await harness.ask(text)).toContain('/toloka-archive 123456');
    expect(codesOf(await harness.denials())).toEqual([code]);
    expect(harness.alice.modal()).toBeUndefined();
    expect(harness.account.exchanges).toEqual([]);
  });
});

describe('what blocks archiving is shown with the next step, and there is no Archive button', () => {
  it.each([
    [poolOpen.id, 'pools_not_archived', /Street signs, winter[\s\S]*this week/],
    [open.id, 'not_closed', /close it in Toloka/i],
    [locked.id, 'locked', /locked/],
    [archived.id, 'already_archived', /already archived/],
    [foreign.id, 'no_access', /access/],
    ['999999', 'not_found', /no training 999999/],
  ])('%s: %s', async (id, code, words) => {
    expect(await harness.ask(id)).toMatch(words);
    expect(harness.alice.modal()?.submit).toBeFalsy();
    expect(codesOf(await harness.denials())).toEqual([code]);
    expect(posts()).toEqual([]);
  });

  it('Check again shows a new plan, which can be confirmed', async () => {
    await harness.ask(open.id);
    harness.account.updateTraining(open.id, { status: 'CLOSED' });
    await harness.alice.click('Check again');
    await harness.settled();
    expect(harness.alice.modal()?.submit).toBeTruthy();
  });

  it('Check again cancels the request of the plan that it replaces', async () => {
    await harness.ask(ready.id);
    await harness.alice.click('Check again');
    await harness.settled();
    const states = harness.requests.map(async (id) => (await harness.service.requestOf(id))?.state);
    expect(await Promise.all(states)).toEqual(['cancelled', 'planned']);
  });
});

describe('when the training cannot be read', () => {
  const ADVICE =
    /certificate|the network|address of its API|check the token|ECONNREFUSED|SELF_SIGNED|NODE_EXTRA/i;

  it('the modal says so, without advice for operators, and offers no Archive button', async () => {
    await harness.account.down(true);
    const shown = await harness.ask(ready.id);
    expect(shown).toMatch(/can’t be checked right now[\s\S]*Toloka cannot be reached[\s\S]*Check again/);
    expect(shown).not.toMatch(ADVICE);
    expect(harness.log.join()).toMatch(
      /"level":"warn"[^\n]*Check the address of its API, the network and the proxy/,
    );
    expect(harness.alice.modal()?.submit).toBeFalsy();
    expect(harness.requests).toEqual([]);
    expect(await harness.denials()).toMatchObject([{ code: 'training_unread', trainingId: ready.id }]);
    await harness.account.down(false);
    await harness.alice.click('Check again');
    await harness.settled();
    expect(harness.alice.modal()?.submit).toBeTruthy();
  });

  it('for its certificate, the log says what to do, and nobody in Slack', async () => {
    const server = createServer(createCertificate({ hosts: ['127.0.0.1'] })).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const other = await connectWire({ TOLOKA_API_URL: `https://127.0.0.1:${port}/api` });
    const shown = await other.ask(ready.id);
    await other.close();
    server.close();
    expect(shown).toMatch(/can’t be checked right now[\s\S]*Toloka cannot be reached/);
    expect(shown).not.toMatch(ADVICE);
    expect(other.log.join()).toMatch(/"level":"warn"[^\n]*NODE_EXTRA_CA_CERTS[^\n]*SELF_SIGNED_CERT/);
  });

  it('at the confirmation: nothing is sent, and the reason is kept for when it can be read', async () => {
    await harness.ask(ready.id);
    await harness.account.down(true);
    expect(await harness.confirm({ reason: 'winter is over' })).toMatch(/can’t be checked right now/);
    expect(harness.alice.modal()?.submit).toBeFalsy();
    expect([posts(), codesOf(await harness.denials())]).toEqual([[], ['training_unread']]);
    await harness.account.down(false);
    await harness.alice.click('Check again');
    await harness.settled();
    expect(JSON.stringify(harness.alice.modal()?.blocks)).toContain('"initial_value":"winter is over"');
  });

  it('but the training can: the person may go on without its pools and project', async () => {
    for (const path of ['/pools', '/projects/'])
      harness.account.faults.add({ path, times: 99, fault: { kind: 'status', status: 503 } });
    const shown = await harness.ask(ready.id);
    expect(shown).toMatch(/Not everything could be checked/);
    expect(shown).not.toMatch(ADVICE);
    expect(harness.alice.modal()?.submit).toBeTruthy();
  });
});

describe('when the journal fails', () => {
  it.each(['Try again', 'Check again', 'Cancel'])('%s: the person is notified', async (what) => {
    if (what === 'Try again') {
      harness.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
      await harness.ask(ready.id);
      await harness.confirm();
    } else await harness.ask(ready.id);
    const { get, batch } = harness.journal;
    harness.journal.get = () => Promise.reject(new Error('the disk is full'));
    harness.journal.batch = () => Promise.reject(new Error('the disk is full'));
    await (what === 'Cancel' ? harness.alice.close() : harness.alice.click(what, { channel: GENERAL }));
    await harness.settled();
    Object.assign(harness.journal, { get, batch });
    expect(harness.privately().at(-1)).toContain('Something went wrong inside this app');
  });

  it('the command: the modal says so', async () => {
    harness.journal.create = () => Promise.reject(new Error('the disk is full'));
    expect(await harness.ask(ready.id)).toMatch(/went wrong inside this app. Nothing was archived/);
  });

  it('the confirmation: the modal says what became of the request', async () => {
    await harness.ask(ready.id);
    const { advance } = harness.journal;
    harness.journal.advance = () => Promise.reject(new Error('the disk is full'));
    expect(await harness.confirm()).toMatch(/went wrong inside this app[\s\S]*Nothing more is done about it/);
    harness.journal.advance = advance;
    expect(posts()).toEqual([]);
  });
});

describe('who may archive', () => {
  it.each([
    [{ ARCHIVE_ALLOW: '' }, 'access_not_set', /Nobody can archive yet[\s\S]*ARCHIVE_ALLOW/],
    [{ ARCHIVE_ALLOW: BOB }, 'not_allowed', /don’t have permission to archive/],
    [{ ARCHIVE_ALLOW: 'S99GONE' }, 'access_unknown', /you can’t archive right now/],
    [{ ARCHIVE_CHANNELS: ELSEWHERE }, 'channel_not_allowed', /not enabled in this channel/],
  ])('%j: %s', async (env, code, words) => {
    await harness.close();
    harness = await connectWire(env);
    expect(await harness.ask(ready.id)).toMatch(words);
    expect(codesOf(await harness.denials())).toEqual([code]);
    // The plan is read at the same time as the rights.
    expect(harness.account.exchanges.map(({ method }) => method)).not.toContain('POST');
    expect([harness.requests, harness.alice.modal()?.submit]).toEqual([[], null]);
  });

  it('is checked again at the confirmation', async () => {
    await harness.close();
    harness = await connectWire({ ARCHIVE_ALLOW: GROUP });
    await harness.ask(ready.id);
    harness.workspace.faults.add({ kind: 'error', method: 'usergroups.users.list', error: 'fatal_error' });
    expect(await harness.confirm()).toContain('you can’t archive right now');
    expect(posts()).toEqual([]);
  });
});

describe('old buttons', () => {
  it('the card’s Try again starts a new request with a new plan', async () => {
    harness.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
    await harness.ask(ready.id);
    await harness.confirm();
    await harness.alice.click('Try again');
    await harness.settled();
    await harness.confirm();
    const [first, second] = harness.requests;
    expect((await harness.service.requestOf(second ?? ''))?.retryOf).toBe(first);
    expect(posts()).toHaveLength(2);
  });

  it('a card that ended in Failed offers it too; the new plan mentions the failure', async () => {
    const { account, alice } = harness;
    account.updateTraining(ready.id, { archiveOutcome: { status: 'FAIL' } });
    await harness.ask(ready.id);
    await harness.confirm();
    await harness.settle(harness.requests[0] ?? '');
    expect(textOf(cardsIn(harness)[0])).toMatch(/Failed in Toloka[\s\S]*Next step:[\s\S]*then try again/);
    account.updateTraining(ready.id, { archiveOutcome: { status: 'SUCCESS' } });
    await alice.click('Try again');
    const shown = await harness.settled();
    expect(shown).toMatch(/Last request:.* Failed in Toloka[^\n]*alice[^\n]*Open the card/);
    expect(textOf(alice.modal()?.blocks)).toContain(linkTo(cardsIn(harness)[0]));
    // Also after a change that asks again.
    account.updateTraining(ready.id, { private_name: 'Renamed' });
    expect(await harness.confirm()).toMatch(/Renamed[\s\S]*Last request:/);
    await harness.confirm();
    expect(await harness.settle(harness.requests[1] ?? '')).toMatchObject({ state: 'succeeded' });
  });

  it('of an archived training: who archived it, when, and the link to the card', async () => {
    await harness.archive(ready.id);
    await harness.settle('id-1');
    const shown = await harness.ask(ready.id);
    expect(shown).toMatch(/already archived[\s\S]*Archived by.*alice[^\n]*20\d\d[^\n]*Open the card/);
    expect(textOf(harness.alice.modal()?.blocks)).toContain(linkTo(cardsIn(harness)[0]));
    await harness.alice.close();
    expect(await harness.ask(archived.id)).not.toMatch(/Archived by/);
  });

  it('a journal that cannot say what was before does not keep the plan away', async () => {
    harness.journal.lastEnded = () => Promise.reject(new Error('the disk is full'));
    await harness.ask(ready.id);
    expect(harness.alice.modal()?.submit).toBeTruthy();
    expect(harness.log.join()).toContain('the disk is full');
  });

  it('a button that no version knows is answered', async () => {
    const slack = new WebClient(TOKENS.bot, { slackApiUrl: harness.workspace.url });
    const old = {
      type: 'button',
      action_id: 'of_long_ago',
      text: { type: 'plain_text', text: 'Old' },
    } as const;
    await slack.chat.postMessage({
      channel: GENERAL,
      text: 'x',
      blocks: [{ type: 'actions', elements: [old] }],
    });
    expect((await harness.alice.click('Old')).acked).toBe(true);
    expect(await harness.settled()).toContain('older version');
    expect(codesOf(await harness.denials())).toEqual(['stale_click']);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_TRAININGS, requires } from '../../demo/toloka';
import { cardsIn, textOf } from '../support/house';
import { createOffice, type Office } from '../support/office';
import { ALICE, BOB, ELSEWHERE, GENERAL } from '../support/stage';

let office: Office;
beforeEach(async () => {
  office = await createOffice();
});
afterEach(() => office.close());

const { ready, poolOpen, open, archived, locked, foreign, oddName } = DEMO_TRAININGS;
const allPosts = () => office.stage.account.exchanges.filter(({ method }) => method === 'POST');
const refusals = async () => (await office.journal.refusals(9)).map(({ code }) => code);

describe('what cannot be an id is explained in private, recorded, and archives nothing', () => {
  it.each([
    ['', 'no_id', /Which training/],
    ['training', 'bad_id', /not a training id/],
    ['-5', 'bad_id', /not a training id/],
    ['1'.repeat(40), 'bad_id', /up to 19/],
    ['<@U01ALICE>', 'bad_id', /not a training id/],
    ['*123456*', 'bad_id', /not a training id/],
    ['<!channel>', 'bad_id', /not a training id/],
    ['123456 moon', 'bad_environment', /environment/],
    ['1 2 3', 'too_many', /One training at a time/],
    ['https://platform.toloka.ai/requester/project/74175/pool/32267581', 'pool_link', /leads to a pool/],
    ['https://example.com/training/1', 'bad_link', /does not lead to Toloka/],
    ['https://constructor/requester/project/1/training/5', 'bad_link', /does not lead to Toloka/],
  ])('%j', async (text, code, words) => {
    const screen = await office.ask(text);
    expect(screen).toMatch(words);
    expect(screen).toContain('/toloka-archive 123456');
    expect(await refusals()).toEqual([code]);
    expect(office.alice.modal()).toBeUndefined();
    expect(office.stage.account.exchanges).toEqual([]);
    const said = office.stage.workspace.ephemerals(ALICE).at(-1)?.text ?? '';
    expect(said).not.toMatch(/<[@!]/);
  });

  it('help answers with the usage and is no refusal', async () => {
    expect(await office.ask('help')).toContain('Archiving cannot be undone');
    expect(await refusals()).toEqual([]);
  });
});

describe('what stands in the way is said with the next step, and there is no Archive button', () => {
  it.each([
    [poolOpen.id, 'pools_not_archived', /2 main pools are linked[\s\S]*Street signs, winter[\s\S]*this week/],
    [open.id, 'not_closed', /not closed[\s\S]*close it in Toloka/],
    [locked.id, 'locked', /locked/],
    [archived.id, 'already_archived', /archived already/],
    [foreign.id, 'no_access', /denies this app access/],
    ['999999', 'not_found', /no training 999999/],
  ])('%s: %s', async (id, code, words) => {
    expect(await office.ask(id)).toMatch(words);
    expect(office.alice.modal()?.submit).toBeFalsy();
    expect(await refusals()).toEqual([code]);
    expect(allPosts()).toEqual([]);
  });

  it('Check again shows a fresh plan, and the way is free', async () => {
    await office.ask(open.id);
    office.stage.account.updateTraining(open.id, { status: 'CLOSED' });
    await office.alice.click('Check again');
    await office.stage.workspace.waitFor(() => office.alice.modal()?.submit, { what: 'the Archive button' });
  });
});

describe('the journal fails under', () => {
  const broken = async () => {
    throw new Error('the disk is full');
  };

  it.each(['Try again', 'Check again', 'Cancel'])('%s: the person is told', async (what) => {
    if (what === 'Try again') {
      office.stage.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
      await office.ask(ready.id);
      await office.confirm();
    } else await office.ask(ready.id);
    const { get } = office.journal;
    office.journal.get = broken;
    await (what === 'Cancel' ? office.alice.close() : office.alice.click(what, { channel: GENERAL }));
    const told = () => JSON.stringify(office.stage.workspace.ephemerals(ALICE).at(-1) ?? null);
    await office.stage.workspace.waitFor(() => told().includes('Something went wrong inside this app'));
    office.journal.get = get;
  });
});

describe('the confirmation', () => {
  it.each([
    ['a wrong id', { typedId: '123457' }, 'typed_id', 'typed_id_wrong'],
    ['no reason', { reason: ' ' }, 'reason', 'reason_wrong'],
    ['a reason of 3,000 characters', { reason: 'x'.repeat(3000) }, 'reason', 'reason_wrong'],
  ])('%s is pointed at in the modal; nothing is archived', async (_name, values, block, code) => {
    await office.ask(ready.id);
    await office.confirm(values);
    expect(Object.keys(office.alice.modal()?.errors ?? {})).toContain(block);
    expect(await refusals()).toEqual([code]);
    expect(allPosts()).toEqual([]);
    expect(cardsIn(office.stage)).toEqual([]);
  });

  it('Cancel is answered, and recorded', async () => {
    await office.ask(ready.id);
    await office.alice.close();
    await office.stage.workspace.waitFor(() => office.screen().includes('Cancelled.'));
    expect(await office.journal.recent({ states: ['cancelled'], limit: 1 })).toHaveLength(1);
  });

  it('a name full of markup pings nobody, in the modal and in the card', async () => {
    await office.ask(oddName.id);
    await office.confirm({ reason: '<!here> & *why*' });
    const shown = [textOf(office.alice.modal()?.blocks), textOf(cardsIn(office.stage)[0])].join();
    const mrkdwn = [...shown.matchAll(/"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text);
    expect(mrkdwn.join()).not.toMatch(/<!(channel|here)>/);
    expect(shown).toContain('"plain_text","text":"<!channel> & *_~');
  });

  it('what Toloka says, and the name of a pool, ping nobody either', async () => {
    const { account } = office.stage;
    const message = 'Ask <!channel> or <@U02BOB> & others';
    account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409, message } });
    await office.ask(ready.id);
    await office.confirm();
    await office.alice.close();
    account.addPool({
      ...{ project_id: '74175', private_name: '<!here> <https://evil.example|pool>', status: 'OPEN' },
      quality_control: requires(ready.id),
    });
    await office.ask(ready.id);
    const shown = [textOf(cardsIn(office.stage)[0]), textOf(office.alice.modal()?.blocks)];
    expect(shown[0]).toContain('Ask &lt;!channel&gt; or &lt;@U02BOB&gt; &amp; others');
    expect(shown[1]).toContain('&lt;!here&gt; &lt;https://evil.example|pool&gt;');
    expect(shown.join()).not.toMatch(/<!(channel|here)>|<@U02BOB>|<https:..evil/);
  });

  it('the bot is not in the channel: told in the modal, nothing sent', async () => {
    await office.ask(ready.id, ELSEWHERE);
    expect(await office.confirm()).toMatch(/Not started; nothing was archived[\s\S]*\/invite/);
    expect(allPosts()).toEqual([]);
  });

  it('Toloka changed in between: shows how, keeps what was typed, and asks anew', async () => {
    await office.ask(ready.id);
    office.stage.account.updateTraining(ready.id, { private_name: 'Renamed' });
    expect(await office.confirm()).toMatch(/This is not what you looked at[\s\S]*Renamed/);
    expect(allPosts()).toEqual([]);
    expect(await office.confirm()).toContain('Toloka is archiving');
    expect(allPosts()).toHaveLength(1);
  });

  it('what was typed is still there when the window asks again', async () => {
    const { account } = office.stage;
    const reason = () => {
      const { blocks } = office.alice.modal() ?? {};
      return textOf(blocks).match(/"initial_value":"([^"]*)"/)?.[1];
    };
    await office.ask(ready.id);
    account.updateTraining(ready.id, { status: 'OPEN' });
    expect(await office.confirm({ reason: 'winter is over' })).toMatch(/is open/i);
    account.updateTraining(ready.id, { status: 'CLOSED' });
    await office.alice.click('Check again');
    await office.settled();
    expect(reason()).toBe('winter is over');
    await office.alice.fill('Reason', 'spring has come');
    await office.alice.click('Check again');
    await office.settled();
    expect(reason()).toBe('spring has come');
    account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
    await office.confirm({ reason: 'spring has come' });
    await office.alice.close();
    await office.settle((await office.journal.recent({ limit: 1 }))[0]?.id ?? '');
    await office.alice.click('Try again', { message: cardsIn(office.stage)[0]?.ts ?? '' });
    await office.settled();
    expect(reason()).toBe('spring has come');
  });

  it('the modal was closed meanwhile: what it would have said is told in private', async () => {
    await office.ask(ready.id);
    office.stage.account.updateTraining(ready.id, { status: 'OPEN' });
    office.stage.account.faults.add({ path: '/trainings/', fault: { kind: 'slow', ms: 300 } });
    await office.alice.fill('Reason', 'r');
    await office.alice.fill('Type the training ID to confirm', ready.id);
    await office.alice.submit();
    await office.alice.close();
    await office.stage.workspace.waitFor(() => office.screen().includes('stands in the way now'));
  });

  it('the window was closed while the confirmation was checked: it goes on, as the window says', async () => {
    await office.ask(ready.id);
    office.stage.account.faults.add({ path: '/trainings/', fault: { kind: 'slow', ms: 300 } });
    await office.alice.fill('Reason', 'r');
    await office.alice.fill('Type the training ID to confirm', ready.id);
    await office.alice.submit();
    expect(office.screen()).toContain('You may close this window');
    await office.alice.close();
    await office.stage.workspace.waitFor(() => allPosts().length > 0);
    expect(await office.journal.recent({ states: ['cancelled'], limit: 1 })).toEqual([]);
  });

  it('a double click and a redelivery make one POST', async () => {
    await office.ask(ready.id);
    await office.alice.fill('Reason', 'r');
    await office.alice.fill('Type the training ID to confirm', ready.id);
    await office.alice.submit({ copies: 3 });
    await office.stage.workspace.waitFor(() => cardsIn(office.stage).length > 0);
    await office.close();
    expect(allPosts()).toHaveLength(1);
    expect(cardsIn(office.stage)).toHaveLength(1);
    office = await createOffice();
  });
});

describe('who may', () => {
  it.each([
    [{ ARCHIVE_ALLOW: '' }, 'access_not_set', /Nobody may archive yet[\s\S]*ARCHIVE_ALLOW/],
    [{ ARCHIVE_ALLOW: BOB }, 'not_allowed', /not among those who may archive/],
    [{ ARCHIVE_ALLOW: 'S99GONE' }, 'access_unknown', /the answer is no for now/],
    [{ ARCHIVE_CHANNELS: ELSEWHERE }, 'channel_not_allowed', /not enabled in this channel/],
  ])('%j: %s', async (env, code, words) => {
    await office.close();
    office = await createOffice(env);
    expect(await office.ask(ready.id)).toMatch(words);
    expect(await refusals()).toEqual([code]);
    expect(office.stage.account.exchanges).toEqual([]);
  });

  it('is asked again at the confirmation', async () => {
    await office.close();
    office = await createOffice({ ARCHIVE_ALLOW: 'S01TEAM' });
    await office.ask(ready.id);
    office.stage.workspace.faults.add({
      kind: 'error',
      method: 'usergroups.users.list',
      error: 'fatal_error',
    });
    expect(await office.confirm()).toContain('the answer is no for now');
    expect(allPosts()).toEqual([]);
  });
});

describe('when Toloka cannot be read at the confirmation', () => {
  it('says so instead of calling it a change, keeps the reason, and lets the person go on', async () => {
    await office.ask(ready.id);
    office.stage.account.faults.add({
      ...{ method: 'GET', times: Number.POSITIVE_INFINITY, fault: { kind: 'status', status: 429 } },
    });
    const shown = await office.confirm({ reason: 'nobody uses it' });
    expect(shown).toMatch(/could not be read again just now[\s\S]*Nothing was archived/);
    expect(shown).not.toMatch(/has changed|was CLOSED/);
    expect(shown).not.toMatch(/given up/);
    expect(JSON.stringify(office.alice.modal()?.blocks)).toContain('"initial_value":"nobody uses it"');
    expect(allPosts()).toEqual([]);
    await office.confirm();
    expect(allPosts()).toHaveLength(1);
  });
});

describe('when Slack has trouble', () => {
  it.each(['ratelimited', 'status', 'reset', 'error'] as const)(
    'views.open: %s is answered in private',
    async (kind) => {
      office.stage.workspace.faults.add({ kind, method: 'views.open', times: 2 });
      expect(await office.ask(ready.id)).toMatch(/did not open the window[\s\S]*nothing was archived/);
      expect(await refusals()).toEqual(['modal_not_opened']);
    },
  );

  it('views.update: a lost answer is no harm, the plan is there', async () => {
    office.stage.workspace.faults.add({ kind: 'lost', method: 'views.update' });
    await office.ask(ready.id);
    expect(office.alice.modal()?.submit).toBeTruthy();
    expect(await office.confirm()).toContain('Toloka is archiving');
  });

  it.each(['status', 'ratelimited', 'reset', 'lost', 'html', 'error'] as const)(
    'views.update: %s every time, and a private word says what to do',
    async (kind) => {
      office.stage.workspace.faults.add({ kind, method: 'views.update', times: Number.POSITIVE_INFINITY });
      await office.ask(ready.id);
      const said = office.stage.workspace.ephemerals(ALICE).map(({ text }) => text);
      expect(said).toEqual([
        expect.stringMatching(/did not take the answer about training \d+[\s\S]*Nothing was/),
      ]);
      expect(await office.journal.recent({ states: ['cancelled'], limit: 1 })).toEqual([]);
    },
  );

  it('views.update: gone twice and taken at the third try is no harm', async () => {
    office.stage.workspace.faults.add({ kind: 'status', method: 'views.update', times: 2 });
    await office.ask(ready.id);
    expect(office.alice.modal()?.submit).toBeTruthy();
    expect(office.stage.workspace.ephemerals(ALICE)).toEqual([]);
  });

  it('views.update: answered too late, and the window was closed upon a click: the click counts', async () => {
    office.stage.workspace.faults.add({ kind: 'slow', method: 'views.update', ms: 1_500 });
    await office.alice.command(ready.id, { channel: GENERAL });
    await office.stage.workspace.waitFor(() => office.alice.modal()?.submit);
    await office.alice.fill('Reason', 'r');
    await office.alice.fill('Type the training ID to confirm', ready.id);
    const { get } = office.journal;
    office.journal.get = async (id) => {
      office.journal.get = get;
      await sleep(1_800);
      return get(id);
    };
    await office.alice.submit();
    await office.alice.close();
    await office.stage.workspace.waitFor(() => allPosts().length > 0);
    expect(await office.journal.recent({ states: ['cancelled'], limit: 1 })).toEqual([]);
  });

  it('a command delivered twice opens one modal and makes one plan', async () => {
    await office.alice.command(ready.id, { channel: GENERAL, copies: 2 });
    await office.stage.workspace.waitFor(() => office.alice.modal()?.submit);
    expect(await office.journal.recent({ states: ['planned'], limit: 9 })).toHaveLength(1);
    expect(office.stage.workspace.ephemerals(ALICE)).toEqual([]);
  });
});

describe('when Toloka cannot be asked', () => {
  it.each([401, 403, 404, 429, 500, 503])('HTTP %d at the preflight has a clear answer', async (status) => {
    office.stage.account.faults.add({ method: 'GET', times: 99, fault: { kind: 'status', status } });
    const screen = await office.ask(ready.id);
    if (status === 404) expect(screen).toContain('no training');
    else if (status < 429) expect(screen).toContain('denies this app access');
    else expect(screen).toMatch(/Not everything could be checked[\s\S]*\[Archive\]/);
  });

  it.each(['html', 'empty', 'truncated', 'silent'] as const)(
    '%s at the preflight is said, and one may go on',
    async (kind) => {
      const fault = kind === 'html' || kind === 'empty' ? { kind, status: 200 } : { kind };
      const id = office.stage.account.faults.add({ method: 'GET', times: 999, fault });
      expect(await office.ask(ready.id)).toMatch(/Not everything could be checked[\s\S]*\[Archive\]/);
      expect(await office.confirm()).toMatch(/Toloka is archiving|Archived/);
      office.stage.account.faults.remove(id);
      expect(allPosts()).toHaveLength(1);
      expect(textOf(cardsIn(office.stage)[0])).toContain('although not everything could be checked');
    },
  );
});

describe('the card’s Try again', () => {
  it('starts a new request with a fresh plan, by whoever clicks and may', async () => {
    office.stage.account.faults.add({
      method: 'POST',
      fault: { kind: 'status', status: 409, code: 'TRAINING_ARCHIVE_CONFLICT' },
    });
    await office.ask(ready.id);
    await office.confirm();
    await office.alice.close();
    await office.alice.click('Try again');
    await office.stage.workspace.waitFor(() => office.alice.modal()?.submit);
    await office.confirm();
    const [second, first] = await office.journal.recent({ limit: 2 });
    expect(second?.retryOf).toBe(first?.id);
    expect(allPosts()).toHaveLength(2);
  });

  it('has the reason again for whoever gave it, and for nobody else', async () => {
    await office.close();
    office = await createOffice({ ARCHIVE_ALLOW: '*' });
    office.stage.account.faults.add({ method: 'POST', fault: { kind: 'status', status: 409 } });
    await office.ask(ready.id);
    await office.confirm({ reason: 'only Alice knows why' });
    await office.alice.close();
    await office.settle((await office.journal.recent({ limit: 1 }))[0]?.id ?? '');
    const bob = office.stage.workspace.person(BOB);
    const modals = [];
    for (const person of [bob, office.alice]) {
      await person.click('Try again', { message: cardsIn(office.stage)[0]?.ts ?? '' });
      await office.stage.workspace.waitFor(() => person.modal()?.submit, { what: 'the Archive button' });
      modals.push(textOf(person.modal()));
    }
    expect(modals).toEqual([
      expect.not.stringContaining('only Alice knows why'),
      expect.stringContaining('"initial_value":"only Alice knows why"'),
    ]);
  });

  it('of a request that the journal does not know is answered', async () => {
    await post({ action_id: 'archive_retry', value: 'of-another-journal', label: 'Try again' });
    const { acked } = await office.alice.click('Try again');
    expect(acked).toBe(true);
    await office.settled();
    expect(office.screen()).toContain('older version');
    expect(office.alice.modal()).toBeUndefined();
  });
});

describe('a click that no version knows', () => {
  it('is answered', async () => {
    await post({ action_id: 'of_long_ago', value: 'x', label: 'Old' });
    const { acked } = await office.alice.click('Old');
    expect(acked).toBe(true);
    await office.stage.workspace.waitFor(() => office.screen().includes('older version'));
  });
});

/** A message with one button, as an older version of the app, or one with another journal, has left it there. */
async function post(button: { action_id: string; value: string; label: string }): Promise<void> {
  const { WebClient } = await import('@slack/web-api');
  const slack = new WebClient('xoxb-1-stage-bot', { slackApiUrl: office.stage.workspace.url });
  const { action_id, value, label } = button;
  const text = { type: 'plain_text', text: label } as const;
  const elements = [{ type: 'button', action_id, value, text } as const];
  await slack.chat.postMessage({ channel: GENERAL, text: 'x', blocks: [{ type: 'actions', elements }] });
}

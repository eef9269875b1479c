import type { Workspace } from '.';
import {
  ALICE,
  APP_TOKEN,
  actions,
  BOB,
  BOT_TOKEN,
  button,
  clientOf,
  closeAll,
  codeOf,
  openWorkspace,
  plain,
  section,
} from './test-helpers';

let workspace: Workspace;
let client: ReturnType<typeof clientOf>;
let now: number;

beforeEach(async () => {
  now = 1_700_000_000_000;
  workspace = await openWorkspace({ now: () => now });
  client = clientOf(workspace);
});
afterEach(closeAll);

const post = (more: object = {}) =>
  client.chat.postMessage({ channel: 'C01', text: 'hello', ...more } as never);

describe('who calls', () => {
  it('knows the bot by its token and sends its scopes', async () => {
    const answer = await client.auth.test();
    expect(answer).toMatchObject({ ok: true, user_id: 'U0BOT', bot_id: 'B0BOT', team_id: 'T0TEAM' });
    expect(answer.response_metadata?.scopes).toContain('chat:write');
    expect(answer.response_metadata?.scopes).not.toContain('chat:write.public');
  });

  it.each([
    ['a wrong token', 'xoxb-other', 'invalid_auth'],
    ['no token', '', 'not_authed'],
    ['the app token', APP_TOKEN, 'not_allowed_token_type'],
  ])('refuses %s', async (_, token, code) => {
    const stranger = clientOf(workspace, token);
    expect(await codeOf(stranger.chat.postMessage({ channel: 'C01', text: 't' }))).toBe(code);
    expect(workspace.messages('C01')).toEqual([]);
  });

  it('opens connections for the app token only', async () => {
    expect(await codeOf(client.apps.connections.open({}))).toBe('not_allowed_token_type');
    const { url } = await clientOf(workspace, APP_TOKEN).apps.connections.open({});
    expect(url).toContain(`ws://127.0.0.1:${workspace.port}/`);
  });

  it('names the scope that is missing', async () => {
    workspace.setScopes(['chat:write']);
    const refused = client.usergroups.users.list({ usergroup: 'S01' });
    await expect(refused).rejects.toMatchObject({
      data: { error: 'missing_scope', needed: 'usergroups:read', provided: 'chat:write' },
    });
    expect(await codeOf(client.conversations.info({ channel: 'C01' }))).toBe('missing_scope');
    expect(await codeOf(post())).toBe('ok');
  });

  it('takes JSON, and the token in the body', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const body = JSON.stringify({ token: BOT_TOKEN, channel: 'C01', text: 'json', blocks: [section('s')] });
    const answer = await fetch(`${workspace.url}chat.postMessage`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ ok: true });
    expect(workspace.messages('C01')[0]).toMatchObject({ text: 'json', blocks: [{ type: 'section' }] });
    expect(workspace.calls[0]?.args).not.toHaveProperty('token');
    const broken = await fetch(`${workspace.url}chat.postMessage`, { method: 'POST', headers, body: '{' });
    expect(await broken.json()).toMatchObject({ ok: false, error: 'invalid_json' });
  });

  it('refuses an unknown method', async () => {
    expect(await codeOf(client.apiCall('chat.shout'))).toBe('unknown_method');
    expect(await codeOf(client.apiCall('toString'))).toBe('unknown_method');
    expect(await codeOf(client.api.test({}))).toBe('ok');
  });
});

describe('chat.postMessage', () => {
  it('stores text, blocks and metadata, and gives a growing ts', async () => {
    const metadata = { event_type: 'archive_request', event_payload: { id: 'r1' } };
    const first = await post({ blocks: [section('s')], metadata });
    const second = await post();
    expect(Number(second.ts)).toBeGreaterThan(Number(first.ts));
    expect(first.message).toMatchObject({ user: 'U0BOT', bot_id: 'B0BOT', text: 'hello', metadata });
    expect(workspace.postsWithMetadata('archive_request').map((one) => one.ts)).toEqual([first.ts]);
    expect(workspace.postsWithMetadata('other')).toEqual([]);
  });

  it.each([
    ['a public channel it is not in', { channel: 'C02' }, 'not_in_channel'],
    ['a private channel it is not in', { channel: 'C03' }, 'channel_not_found'],
    ['a channel that is not there', { channel: 'C99' }, 'channel_not_found'],
    ['a person who is not there', { channel: 'U99' }, 'channel_not_found'],
    ['nothing to say', { text: '' }, 'no_text'],
    ['too much to say', { text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['a bad block', { blocks: [section('')] }, 'invalid_blocks'],
    ['blocks that are no JSON', { blocks: '[{' }, 'invalid_blocks_format'],
    [
      'too long blocks',
      { blocks: Array.from({ length: 5 }, () => section('x'.repeat(3000))) },
      'msg_blocks_too_long',
    ],
    ['bad metadata', { metadata: { event_type: 't' } }, 'invalid_metadata_format'],
    ['no channel', { channel: '' }, 'invalid_arguments'],
    ['a thread that is not there', { thread_ts: '1.000001' }, 'thread_not_found'],
    ['a thread_ts that is a float', { thread_ts: '1602251441.0017' }, 'invalid_thread_ts'],
  ])('refuses %s', async (_, args, code) => {
    expect(await codeOf(post(args))).toBe(code);
    expect(workspace.calls.at(-1)).toMatchObject({
      method: 'chat.postMessage',
      ok: false,
      error: code,
      effect: false,
    });
    for (const channel of ['C01', 'C02', 'C03']) expect(workspace.messages(channel)).toEqual([]);
  });

  it('reports where a block is wrong', async () => {
    const refused = post({ blocks: [actions(button('x'.repeat(76), 'a'))] });
    await expect(refused).rejects.toMatchObject({
      data: {
        response_metadata: {
          messages: ['[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]'],
        },
      },
    });
  });

  it('reaches a public channel with chat:write.public, or by joining, and an archived one never', async () => {
    workspace.setScopes(['chat:write', 'chat:write.public']);
    expect(await codeOf(post({ channel: 'C02' }))).toBe('ok');
    expect(await codeOf(post({ channel: 'C03' }))).toBe('channel_not_found');
    workspace.setScopes(['chat:write']);
    workspace.setMember('C03', 'bot', true);
    expect(await codeOf(post({ channel: 'C03' }))).toBe('ok');
    workspace.setArchived('C03', true);
    expect(await codeOf(post({ channel: 'C03' }))).toBe('is_archived');
  });

  it('opens the DM of a person', async () => {
    const { channel } = await post({ channel: ALICE });
    expect(channel).toMatch(/^D/);
    expect(workspace.messages(channel as string)).toHaveLength(1);
  });

  it('refuses a reply to a reply', async () => {
    const { ts } = await post();
    const reply = await post({ thread_ts: ts });
    expect(await codeOf(post({ thread_ts: reply.ts }))).toBe('thread_not_found');
  });

  it('finds a channel by its name', async () => {
    expect((await post({ channel: '#pools' })).channel).toBe('C01');
  });
});

describe('chat.update and chat.delete', () => {
  it('keeps what a message said before', async () => {
    const { ts } = await post({
      blocks: [section('one')],
      metadata: { event_type: 't', event_payload: { a: 1 } },
    });
    now += 5_000;
    await client.chat.update({ channel: 'C01', ts: ts as string, text: 'two', blocks: [section('two')] });
    const [message] = workspace.messages('C01');
    expect(message).toMatchObject({ text: 'two', metadata: { event_type: 't' } });
    expect(message?.edits).toMatchObject([{ text: 'hello', blocks: [{ text: { text: 'one' } }], at: now }]);
    await client.chat.update({ channel: 'C01', ts: ts as string, text: 'three' });
    expect(workspace.messages('C01')[0]).toMatchObject({ text: 'three', blocks: [] });
    expect(workspace.messages('C01')[0]?.edits).toHaveLength(2);
  });

  it('changes only what the app wrote', async () => {
    const { ts } = workspace.person(ALICE).say('mine', { channel: 'C01' });
    expect(await codeOf(client.chat.update({ channel: 'C01', ts, text: 't' }))).toBe('cant_update_message');
    expect(await codeOf(client.chat.delete({ channel: 'C01', ts }))).toBe('cant_delete_message');
    expect(await codeOf(client.chat.update({ channel: 'C01', ts: '1.1', text: 't' }))).toBe(
      'message_not_found',
    );
    expect(workspace.messages('C01')[0]).toMatchObject({ text: 'mine', edits: [] });
  });

  it('wants the id of a DM, not of the person', async () => {
    const { channel, ts } = (await post({ channel: ALICE })) as { channel: string; ts: string };
    expect(await codeOf(client.chat.update({ channel: ALICE, ts, text: 't' }))).toBe('channel_not_found');
    expect(await codeOf(client.chat.update({ channel, ts, text: 't' }))).toBe('ok');
  });

  it('marks a message as edited when it has no blocks', async () => {
    const { ts = '' } = await post();
    const blocks = [section('s')];
    const edit = (more: object) => client.chat.update({ channel: 'C01', ts, text: 't', ...more } as never);
    expect((await edit({ blocks })).message).not.toHaveProperty('edited');
    expect((await edit({})).message).toHaveProperty('edited');
  });

  it('deletes', async () => {
    const { ts } = await post();
    await client.chat.delete({ channel: 'C01', ts: ts as string });
    expect(workspace.messages('C01')).toEqual([]);
  });
});

describe('chat.postEphemeral and chat.getPermalink', () => {
  it('shows it to one person in the channel', async () => {
    await client.chat.postEphemeral({ channel: 'C01', user: BOB, text: 'psst' });
    expect(workspace.ephemerals(BOB)).toMatchObject([{ text: 'psst', channel: 'C01', from: 'app' }]);
    expect(workspace.ephemerals(ALICE)).toEqual([]);
    expect(workspace.messages('C01')).toEqual([]);
    const outsider = client.chat.postEphemeral({ channel: 'C04', user: BOB, text: 'psst' });
    expect(await codeOf(outsider)).toBe('user_not_in_channel');
  });

  it('links to a message', async () => {
    const { ts = '' } = await post();
    const { permalink } = await client.chat.getPermalink({ channel: 'C01', message_ts: ts });
    expect(permalink).toBe(`https://demo.slack.com/archives/C01/p${ts.replace('.', '')}`);
    expect(await codeOf(client.chat.getPermalink({ channel: 'C01', message_ts: '1.2' }))).toBe(
      'message_not_found',
    );
  });
});

describe('reading', () => {
  it('pages through the history, newest first, without replies', async () => {
    const stamps: string[] = [];
    for (const text of ['a', 'b', 'c']) stamps.push((await post({ text })).ts as string);
    const [a, b, c] = stamps as [string, string, string];
    await post({ text: 'reply', thread_ts: a, metadata: { event_type: 't', event_payload: {} } });
    const seen: unknown[] = [];
    for await (const page of client.paginate('conversations.history', { channel: 'C01', limit: 2 })) {
      seen.push(...((page as { messages?: { ts: string }[] }).messages ?? []).map(({ ts }) => ts));
    }
    expect(seen).toEqual([c, b, a]);
    const range = await client.conversations.history({ channel: 'C01', oldest: a, latest: c });
    expect(range.messages?.map(({ ts }) => ts)).toEqual([b]);
    const { messages } = await client.conversations.replies({ channel: 'C01', ts: a });
    expect(messages?.map(({ text }) => text)).toEqual(['a', 'reply']);
    expect(messages?.[1]).not.toHaveProperty('metadata');
    const full = await client.conversations.replies({ channel: 'C01', ts: a, include_all_metadata: true });
    expect(full.messages?.[1]).toHaveProperty('metadata.event_type', 't');
    expect(workspace.messages('C01')[0]?.replies.map(({ text }) => text)).toEqual(['reply']);
    expect(await codeOf(client.conversations.replies({ channel: 'C01', ts: '9.9' }))).toBe(
      'thread_not_found',
    );
  });

  it('reads the history only where the bot is', async () => {
    expect(await codeOf(client.conversations.history({ channel: 'C02' }))).toBe('not_in_channel');
    expect(await codeOf(client.conversations.history({ channel: 'C03' }))).toBe('channel_not_found');
  });

  it('lists channels and members, but no private channels without the bot', async () => {
    const { channel } = await client.conversations.info({ channel: 'C02' });
    expect(channel).toMatchObject({ id: 'C02', name: 'elsewhere', is_member: false, is_private: false });
    expect(await codeOf(client.conversations.info({ channel: 'C03' }))).toBe('channel_not_found');
    const types = 'public_channel,private_channel';
    const list = await client.conversations.list({ types });
    expect(list.channels?.map(({ id }) => id)).toEqual(['C01', 'C02', 'C04']);
    const own = await client.users.conversations({ types });
    expect(own.channels?.map(({ id }) => id)).toEqual(['C01', 'C04']);
    const { members } = await client.conversations.members({ channel: 'C01' });
    expect(members).toEqual([ALICE, BOB, 'U0BOT']);
  });

  it('lists people, groups and the bot', async () => {
    expect((await client.users.info({ user: ALICE })).user).toMatchObject({
      name: 'alice',
      real_name: 'Alice A.',
    });
    expect(await codeOf(client.users.info({ user: 'U99' }))).toBe('user_not_found');
    expect((await client.usergroups.list({ include_users: true })).usergroups).toMatchObject([
      { id: 'S01', handle: 'archivists', users: [ALICE] },
    ]);
    expect((await client.usergroups.users.list({ usergroup: 'S01' })).users).toEqual([ALICE]);
    expect(await codeOf(client.usergroups.users.list({ usergroup: 'S99' }))).toBe('no_such_subteam');
    expect((await client.bots.info({ bot: 'B0BOT' })).bot).toMatchObject({ user_id: 'U0BOT' });
  });

  it('lists a disabled group only if asked to', async () => {
    const groups = [{ id: 'S02', handle: 'former', users: [ALICE], disabled: true }];
    workspace = await openWorkspace({ userGroups: groups });
    client = clientOf(workspace);
    expect((await client.usergroups.list({})).usergroups).toEqual([]);
    const { usergroups = [] } = await client.usergroups.list({ include_disabled: true });
    expect(usergroups[0]?.date_delete).toBeGreaterThan(0);
    expect(await codeOf(client.usergroups.users.list({ usergroup: 'S02' }))).toBe('no_such_subteam');
  });

  it('joins a public channel with the scope for it', async () => {
    expect(await codeOf(client.conversations.join({ channel: 'C02' }))).toBe('missing_scope');
    workspace.setScopes(['chat:write', 'channels:join']);
    expect(await codeOf(client.conversations.join({ channel: 'C02' }))).toBe('ok');
    expect(await codeOf(post({ channel: 'C02' }))).toBe('ok');
  });
});

describe('views.publish', () => {
  it('puts a Home tab in front of a person, and guards it with the hash', async () => {
    const view = (text: string) => ({ type: 'home', blocks: [section(text)] }) as never;
    const { view: first } = await client.views.publish({ user_id: ALICE, view: view('one') });
    await client.views.publish({ user_id: ALICE, view: view('two'), hash: first?.hash as string });
    const stale = client.views.publish({ user_id: ALICE, view: view('three'), hash: first?.hash as string });
    expect(await codeOf(stale)).toBe('hash_conflict');
    expect(workspace.home(ALICE)).toMatchObject({
      id: first?.id,
      updates: 1,
      blocks: [{ text: { text: 'two' } }],
    });
    await expect(client.views.publish({ user_id: 'U99', view: view('x') })).rejects.toMatchObject({
      data: { error: 'invalid_arguments', response_metadata: { messages: ['invalid `user_id`'] } },
    });
    const bad = { type: 'home', blocks: [section('s')], submit: plain('s') } as never;
    expect(await codeOf(client.views.publish({ user_id: ALICE, view: bad }))).toBe('invalid_arguments');
  });
});

it('lists the current members of a user group', async () => {
  const workspace = await openWorkspace();
  const users = async () => (await clientOf(workspace).usergroups.users.list({ usergroup: 'S01' })).users;
  expect(await users()).toEqual([ALICE]);
  workspace.setUserGroup('S01', []);
  expect(await users()).toEqual([]);
  workspace.reset();
  expect(await users()).toEqual([ALICE]);
});

import { createWorkspace, type FaultSpec, type Workspace } from '.';
import { ALICE, BOT_TOKEN, clientOf, closeAll, codeOf, openWorkspace } from './test-helpers';

let workspace: Workspace;
let client: ReturnType<typeof clientOf>;

beforeEach(async () => {
  workspace = await openWorkspace();
  client = clientOf(workspace);
});
afterEach(closeAll);

const post = (text = 't', channel = 'C01') => client.chat.postMessage({ channel, text });
const posts = (): string[] => workspace.messages('C01').map(({ text }) => text);

describe('a fault', () => {
  it.each<[spec: FaultSpec, code: string, effect: boolean]>([
    [{ kind: 'ratelimited', retryAfter: 7 }, 'slack_webapi_rate_limited_error', false],
    [{ kind: 'error', error: 'internal_error' }, 'internal_error', false],
    [{ kind: 'error', error: 'internal_error', effect: true }, 'internal_error', true],
    [{ kind: 'status' }, 'slack_webapi_http_error', false],
    [{ kind: 'status', status: 500, effect: true }, 'slack_webapi_http_error', true],
    [{ kind: 'lost' }, 'slack_webapi_request_error', true],
    [{ kind: 'lost', effect: false }, 'slack_webapi_request_error', true],
    [{ kind: 'reset' }, 'slack_webapi_request_error', false],
    [{ kind: 'reset', effect: true }, 'slack_webapi_request_error', false],
  ])('%j is seen as %s', async (spec, code, effect) => {
    workspace.faults.add({ method: 'chat.postMessage', ...spec });
    expect(await codeOf(post('struck'))).toBe(code);
    expect(posts()).toEqual(effect ? ['struck'] : []);
    expect(workspace.calls.at(-1)).toMatchObject({ ok: false, effect, fault: spec.kind });
    expect(await codeOf(post('after'))).toBe('ok');
  });

  it('gives the seconds to wait', async () => {
    workspace.faults.add({ kind: 'ratelimited', retryAfter: 7 });
    await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
  });

  it('may be a page of HTML', async () => {
    workspace.faults.add({ kind: 'html' });
    expect(await codeOf(post())).toContain('<!doctype html>');
    expect(posts()).toEqual([]);
  });

  it('may be silence, until the caller gives up', async () => {
    workspace.faults.add({ kind: 'silent', effect: true });
    const call = client.chat.postMessage({ channel: 'C01', text: 'heard' });
    await workspace.waitFor(() => posts().length === 1);
    expect(workspace.calls.at(-1)).toMatchObject({ ok: false, error: 'silent', effect: true });
    let settled = false;
    const code = codeOf(call).finally(() => {
      settled = true;
    });
    for (let n = 0; n < 5; n += 1) await client.auth.test();
    expect(settled).toBe(false);
    expect(await code).toBe('slack_webapi_request_error');
  });

  it('may be slow, before or after the effect', async () => {
    workspace.faults.add({ kind: 'slow', ms: 200 });
    const early = post('early');
    await workspace.waitFor(() => posts().length === 1);
    expect(workspace.calls.at(-1)?.ok).toBeUndefined();
    expect(await codeOf(early)).toBe('ok');
    workspace.faults.add({ kind: 'slow', ms: 50, effect: false });
    const late = post('late');
    await workspace.waitFor(() => workspace.calls.length === 2);
    expect(posts()).toEqual(['early']);
    expect(await codeOf(late)).toBe('ok');
    expect(posts()).toEqual(['early', 'late']);
  });

  it('hits only its method, its arguments and its number of calls', async () => {
    workspace.faults.add({
      kind: 'error',
      method: 'chat.postMessage',
      skip: 1,
      times: 2,
      when: ({ channel }) => channel === 'C01',
    });
    const codes: string[] = [];
    codes.push(await codeOf(client.auth.test()));
    codes.push(await codeOf(post('a', 'C04')));
    for (const text of ['b', 'c', 'd', 'e']) codes.push(await codeOf(post(text)));
    expect(codes).toEqual(['ok', 'ok', 'ok', 'internal_error', 'internal_error', 'ok']);
    expect(posts()).toEqual(['b', 'e']);
  });

  it('can go on for ever, and be removed', async () => {
    const id = workspace.faults.add({ kind: 'error', times: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 5; n += 1) expect(await codeOf(post())).toBe('internal_error');
    expect(workspace.faults.list()).toMatchObject([{ id, hits: 5 }]);
    workspace.faults.remove(id);
    expect(await codeOf(post())).toBe('ok');
    workspace.faults.add({ kind: 'reset' });
    workspace.faults.clear();
    expect(await codeOf(post())).toBe('ok');
  });

  it('can be left to chance', async () => {
    await closeAll();
    const rolls = [0.1, 0.9, 0.4];
    workspace = await openWorkspace({ random: () => rolls.shift() ?? 1 });
    client = clientOf(workspace);
    workspace.faults.add({ kind: 'error', probability: 0.5, times: Number.POSITIVE_INFINITY });
    const codes = [];
    for (let n = 0; n < 3; n += 1) codes.push(await codeOf(post()));
    expect(codes).toEqual(['internal_error', 'ok', 'internal_error']);
  });

  it('can hit a response_url', async () => {
    workspace.faults.add({ kind: 'status', method: 'response_url' });
    const answer = await fetch(workspace.url.replace('/api/', '/response/R1'), { method: 'POST' });
    expect(answer.status).toBe(503);
  });
});

describe('down', () => {
  it('breaks every call without effect, until it is up again', async () => {
    workspace.down(true);
    expect(await codeOf(post())).toBe('slack_webapi_request_error');
    expect(workspace.calls.at(-1)).toMatchObject({ fault: 'down', effect: false });
    workspace.down(false);
    expect(await codeOf(post('up'))).toBe('ok');
    expect(posts()).toEqual(['up']);
  });
});

describe('rate limits', () => {
  it('are off by default', async () => {
    for (let n = 0; n < 30; n += 1) expect(await codeOf(post())).toBe('ok');
  });

  it('let a burst pass, then one call per second and channel', async () => {
    await closeAll();
    let now = 1_700_000_000_000;
    workspace = await openWorkspace({ rateLimits: true, now: () => now });
    client = clientOf(workspace);
    for (let n = 0; n < 4; n += 1) expect(await codeOf(post())).toBe('ok');
    await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 1 });
    expect(await codeOf(post('t', 'C04'))).toBe('ok');
    now += 1_000;
    expect(await codeOf(post())).toBe('ok');
    expect(await codeOf(post())).toBe('slack_webapi_rate_limited_error');
    expect(workspace.messages('C01')).toHaveLength(5);
  });
});

describe('the workspace', () => {
  it('waits for a condition, and shows the screens if it does not hold in time', async () => {
    const soon = workspace.waitFor(() => workspace.messages('C01')[0]);
    await post('here');
    expect((await soon).text).toBe('here');
    const never = workspace.waitFor(() => workspace.messages('C01').length > 5, {
      timeoutMs: 30,
      what: 'six messages',
    });
    await expect(never).rejects.toThrow(
      /Not within 30 ms: six messages[\s\S]*#pools @archive[\s\S]*here[\s\S]*1 chat\.postMessage: ok/,
    );
    const assertion = () => {
      expect(posts()).toEqual(['other']);
      return true;
    };
    await expect(workspace.waitFor(assertion, { timeoutMs: 30 })).rejects.toThrow(/"other"/);
  });

  it('notifies listeners of changes and calls, until they are removed', async () => {
    const heard: unknown[] = [];
    const offs = [
      workspace.on('change', (change) => heard.push(change.kind)),
      workspace.on('call', ({ method, ok }) => heard.push([method, ok])),
    ];
    await post();
    await client.chat.postEphemeral({ channel: 'C01', user: ALICE, text: 'e' });
    expect(heard).toEqual(['message', ['chat.postMessage', true], 'ephemeral', ['chat.postEphemeral', true]]);
    for (const off of offs) off();
    await post();
    expect(heard).toHaveLength(4);
  });

  it('gives a page what one person sees, as JSON', async () => {
    await post('open');
    await post('private', 'C04');
    await client.chat.postEphemeral({ channel: 'C01', user: ALICE, text: 'e' });
    const bob = workspace.snapshot('U02BOB');
    expect(bob.channels.map(({ id, isMember }) => [id, isMember])).toEqual([
      ['C01', true],
      ['C02', false],
    ]);
    expect(bob).toMatchObject({
      ephemerals: [],
      modals: [],
      channels: [{ messages: [{ text: 'open' }] }, {}],
    });
    const alice = workspace.snapshot(ALICE);
    expect(alice).toMatchObject({ ephemerals: [{ text: 'e' }], commands: [{ command: '/toloka-archive' }] });
    expect(alice.channels.at(-1)?.messages).toMatchObject([{ text: 'private' }]);
    expect(JSON.parse(JSON.stringify(alice))).toMatchObject({ people: [{ name: 'alice' }, { name: 'bob' }] });
  });

  it('can be reset to its start', async () => {
    await post();
    workspace.setMember('C01', 'bot', false);
    workspace.setScopes([]);
    workspace.faults.add({ kind: 'reset' });
    workspace.down(true);
    workspace.reset();
    expect(workspace.calls).toEqual([]);
    expect(posts()).toEqual([]);
    expect(await codeOf(post('again'))).toBe('ok');
  });

  it('ends all waits when it closes', async () => {
    const seeds = { botToken: 'b', appToken: 'a', people: [{ id: ALICE, name: 'alice' }], channels: [] };
    const short = await createWorkspace(seeds);
    short.faults.add({ kind: 'silent' });
    const call = fetch(`${short.url}api.test`).then(
      () => 'answered',
      () => 'cut',
    );
    await short.waitFor(() => short.calls.length === 1);
    const waiting = expect(short.waitFor(() => false)).rejects.toThrow('closed');
    await short.close();
    await waiting;
    expect(await call).toBe('cut');
    await expect(fetch(`${short.url}api.test`)).rejects.toThrow();
  });

  it('keeps up with many calls at once', async () => {
    // More at once would only measure the client, whose own fetch would time out.
    const many = clientOf(workspace, BOT_TOKEN, { maxRequestConcurrency: 10, timeout: 15_000 });
    const texts = Array.from({ length: 600 }, (_, n) => `${n}`);
    await Promise.all(texts.map((text) => many.chat.postMessage({ channel: 'C01', text })));
    expect(new Set(posts())).toEqual(new Set(texts));
    expect(workspace.calls.filter(({ ok, effect }) => ok && effect)).toHaveLength(600);
  });
});

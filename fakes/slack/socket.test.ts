import type { App } from '@slack/bolt';
import { WebSocket } from 'ws';
import type { Workspace } from '.';
import { ALICE, APP_TOKEN, clientOf, closeAll, openWorkspace, socketApp } from './test-helpers';

afterEach(closeAll);

const ask = (workspace: Workspace, options: { copies?: number } = {}) =>
  workspace.person(ALICE).command('123', { channel: 'C01', ...options });

const connected = (workspace: Workspace, count: number) =>
  workspace.waitFor(() => workspace.socket.connections().length === count, { what: `${count} connections` });

/** A client that has read `hello` and does nothing else by itself. */
async function rawSocket(workspace: Workspace): Promise<WebSocket> {
  const { url } = await clientOf(workspace, APP_TOKEN).apps.connections.open({});
  const socket = new WebSocket(url as string);
  await new Promise((done) => socket.once('message', done));
  return socket;
}

describe('a slash command over Socket Mode', () => {
  it('reaches the app as Bolt reads it, and shows what the ack says', async () => {
    const workspace = await openWorkspace();
    const seen: object[] = [];
    await socketApp(workspace, (app) => {
      app.command('/toloka-archive', async ({ ack, command }) => {
        seen.push(command);
        await ack({ text: 'on it' });
      });
    });
    const result = await ask(workspace);
    expect(result).toMatchObject({ acked: true, payload: { text: 'on it' }, problems: [] });
    expect(seen).toMatchObject([
      {
        text: '123',
        user_id: ALICE,
        user_name: 'alice',
        channel_id: 'C01',
        channel_name: 'pools',
        team_id: 'T0TEAM',
      },
    ]);
    expect(workspace.ephemerals(ALICE)).toMatchObject([{ text: 'on it', from: 'app' }]);
    await workspace.person(ALICE).command('1', { channel: 'C04' });
    expect(seen[1]).toMatchObject({ channel_name: 'privategroup' });
  });

  it('fails at once without a connection, and Slack says so', async () => {
    const workspace = await openWorkspace();
    expect(await ask(workspace)).toMatchObject({ acked: false, error: 'dispatch_failed' });
    const [told] = workspace.ephemerals(ALICE);
    expect(told).toMatchObject({
      from: 'slack',
      text: '/toloka-archive failed with the error "dispatch_failed"',
    });
  });

  it('does not wait for ever for an ack, and ignores a late one', async () => {
    const workspace = await openWorkspace({ ackTimeoutMs: 40 });
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    let acked = false;
    await socketApp(workspace, (app) => {
      app.command('/toloka-archive', async ({ ack }) => {
        await held;
        await ack('too late');
        acked = true;
      });
    });
    expect(await ask(workspace)).toMatchObject({ acked: false, error: 'operation_timeout' });
    release();
    await workspace.person(ALICE).openHome();
    expect(acked).toBe(true);
    expect(workspace.ephemerals(ALICE).map(({ text }) => text)).toEqual([
      '/toloka-archive failed with the error "operation_timeout"',
    ]);
  });

  it('knows only the registered commands, and only members can type', async () => {
    const workspace = await openWorkspace();
    const person = workspace.person(ALICE);
    expect(await person.command('', { channel: 'C01', command: '/other' })).toMatchObject({
      error: 'invalid_command',
    });
    await expect(workspace.person('U02BOB').command('', { channel: 'C03' })).rejects.toThrow('not in C03');
  });
});

describe('at least once', () => {
  it('delivers copies of one envelope, with one trigger', async () => {
    const workspace = await openWorkspace();
    const triggers: string[] = [];
    await socketApp(workspace, (app) => {
      app.command('/toloka-archive', async ({ ack, command }) => {
        triggers.push(command.trigger_id);
        await ack(`answer ${triggers.length}`);
      });
    });
    const result = await ask(workspace, { copies: 3 });
    expect(result.acks.map(({ acked }) => acked)).toEqual([true, true, true]);
    expect(triggers).toHaveLength(3);
    expect(new Set(triggers).size).toBe(1);
    expect(workspace.ephemerals(ALICE)).toHaveLength(1);
    await workspace.redeliver(2);
    expect(triggers).toHaveLength(5);
    expect(new Set(triggers).size).toBe(1);
  });

  it('doubles envelopes with the given probability', async () => {
    const rolls = [0.4, 0, 0, 0.6, 0];
    const workspace = await openWorkspace({ random: () => rolls.shift() ?? 0 });
    let seen = 0;
    await socketApp(workspace, (app) => {
      app.command('/toloka-archive', async ({ ack }) => {
        seen += 1;
        await ack();
      });
    });
    workspace.redeliverEach(0.5);
    await ask(workspace);
    expect(seen).toBe(2);
    await ask(workspace);
    expect(seen).toBe(3);
  });

  it('gives each envelope to one of the replicas', async () => {
    const workspace = await openWorkspace();
    const counts = [0, 0, 0];
    for (const replica of [0, 1, 2]) {
      await socketApp(workspace, (app) => {
        app.command('/toloka-archive', async ({ ack }) => {
          counts[replica] = (counts[replica] ?? 0) + 1;
          await ack();
        });
      });
    }
    expect(workspace.socket.connections()).toHaveLength(3);
    await Promise.all(Array.from({ length: 60 }, () => ask(workspace)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(60);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(workspace.socket.connections().reduce((sum, { acks }) => sum + acks, 0)).toBe(60);
  });

  it('moves an envelope whose connection is lost to another one', async () => {
    const workspace = await openWorkspace();
    let dropped = 0;
    for (let replica = 0; replica < 2; replica += 1) {
      await socketApp(workspace, (app) => {
        app.command('/toloka-archive', async ({ ack }) => {
          const busy = workspace.socket.connections().find(({ envelopes, acks }) => envelopes > acks);
          if (dropped === 0 && busy) {
            dropped += 1;
            workspace.socket.drop(busy.id);
            return;
          }
          await ack('from the other');
        });
      });
    }
    expect(await ask(workspace)).toMatchObject({ acked: true, payload: { text: 'from the other' } });
    expect(dropped).toBe(1);
  });

  it('repeats an unacked envelope elsewhere when asked to', async () => {
    const workspace = await openWorkspace({ redeliverUnackedAfterMs: 30 });
    const seen: number[] = [];
    for (const replica of [0, 1]) {
      await socketApp(workspace, (app) => {
        app.command('/toloka-archive', async ({ ack }) => {
          seen.push(replica);
          if (seen.length > 1) await ack();
        });
      });
    }
    expect(await ask(workspace)).toMatchObject({ acked: true });
    expect([...seen].sort()).toEqual([0, 1]);
  });

  it('repeats an event once, with the retry number', async () => {
    const workspace = await openWorkspace({ ackTimeoutMs: 400 });
    const socket = await rawSocket(workspace);
    const tries: unknown[] = [];
    socket.on('message', (data) => {
      const { envelope_id, retry_attempt, retry_reason, payload } = JSON.parse(data.toString());
      tries.push([retry_attempt, retry_reason, payload.event.type]);
      if (retry_attempt > 0) socket.send(JSON.stringify({ envelope_id }));
    });
    expect(await workspace.person(ALICE).openHome()).toMatchObject({ acked: true, payload: {} });
    expect(tries).toEqual([
      [0, '', 'app_home_opened'],
      [1, 'timeout', 'app_home_opened'],
    ]);
    socket.terminate();
  });
});

describe('connections', () => {
  it('are opened again after a disconnect envelope and after a cut', async () => {
    const workspace = await openWorkspace();
    let seen = 0;
    const register = (app: App) => {
      app.command('/toloka-archive', async ({ ack }) => {
        seen += 1;
        await ack();
      });
    };
    await socketApp(workspace, register, 400);
    const again = async (act: () => void) => {
      const [before] = workspace.socket.connections();
      act();
      await workspace.waitFor(() => {
        const [after, ...more] = workspace.socket.connections();
        return more.length === 0 && after && after.id !== before?.id;
      });
      expect(await ask(workspace)).toMatchObject({ acked: true });
    };
    await again(() => workspace.socket.disconnect('refresh_requested'));
    await again(() => workspace.socket.drop());
    expect(seen).toBe(2);
  });

  it('get nothing new after a disconnect envelope', async () => {
    const workspace = await openWorkspace();
    const deaf = await rawSocket(workspace);
    workspace.socket.disconnect();
    expect(await ask(workspace)).toMatchObject({ error: 'dispatch_failed' });
    deaf.terminate();
  });

  it('can be half-open: nothing comes through', async () => {
    const workspace = await openWorkspace({ ackTimeoutMs: 400 });
    await socketApp(workspace, (app) => {
      app.command('/toloka-archive', async ({ ack }) => ack());
    });
    workspace.socket.freeze(true);
    expect(await ask(workspace)).toMatchObject({ error: 'operation_timeout' });
    workspace.socket.freeze(false);
    expect(await ask(workspace)).toMatchObject({ acked: true });
  });

  it('are ten at most, and a ticket opens only one', async () => {
    const workspace = await openWorkspace();
    const client = clientOf(workspace, APP_TOKEN);
    const sockets: WebSocket[] = [];
    for (let n = 1; n <= 11; n += 1) {
      const { url } = await client.apps.connections.open({});
      const socket = new WebSocket(url as string);
      const first = await new Promise<string>((done) => {
        socket.once('message', (data) => done(data.toString()));
      });
      expect(JSON.parse(first)).toMatchObject(
        n <= 10
          ? { type: 'hello', num_connections: n }
          : { type: 'disconnect', reason: 'too_many_websockets' },
      );
      sockets.push(socket);
      if (n === 1) {
        const twice = new WebSocket(url as string);
        const status = await new Promise((done) =>
          twice.on('unexpected-response', (_, { statusCode }) => done(statusCode)),
        );
        expect(status).toBe(403);
        twice.on('error', () => undefined);
        twice.terminate();
      }
    }
    expect(workspace.socket.connections()).toHaveLength(10);
    for (const socket of sockets) socket.terminate();
    await connected(workspace, 0);
  });

  it('are closed properly when the workspace closes', async () => {
    const workspace = await openWorkspace();
    const socket = await rawSocket(workspace);
    const code = new Promise((done) => socket.once('close', done));
    await workspace.close();
    expect(await code).toBe(1001);
  });

  it('answer a ping', async () => {
    const workspace = await openWorkspace({ pingIntervalMs: 10 });
    const socket = await rawSocket(workspace);
    await new Promise((done) => socket.once('ping', done));
    const pong = new Promise((done) => socket.once('pong', (data) => done(data.toString())));
    socket.ping('are you there');
    expect(await pong).toBe('are you there');
    socket.terminate();
  });
});

describe('where a delivery went', () => {
  it('is recorded with the name in the address at which the app asked for its connection', async () => {
    const workspace = await openWorkspace({ ackTimeoutMs: 60 });
    const client = clientOf(workspace, APP_TOKEN, { slackApiUrl: workspace.urlFor('first') });
    const { url } = await client.apps.connections.open({});
    const socket = new WebSocket(url as string);
    await new Promise((done) => socket.once('message', done));
    socket.on('message', (data) => {
      const { envelope_id, payload } = JSON.parse(String(data)) as {
        envelope_id: string;
        payload: { text: string };
      };
      if (payload.text === '123') socket.send(JSON.stringify({ envelope_id }));
    });
    const acked = await ask(workspace);
    const [{ id, caller, cutAt } = { id: '', caller: '', cutAt: 0 }] = workspace.socket.history();
    expect({ caller, cutAt }).toEqual({ caller: 'first', cutAt: null });
    expect(acked.acks[0]?.sent).toMatchObject([{ to: id, ackedAt: expect.any(Number) }]);
    expect(workspace.calls[0]).toMatchObject({ method: 'apps.connections.open', caller: 'first' });
    const ignored = await workspace.person(ALICE).command('1', { channel: 'C01' });
    expect(ignored.acks[0]?.sent).toMatchObject([{ to: id, ackedAt: null }]);
    workspace.socket.drop(id);
    await connected(workspace, 0);
    expect(workspace.socket.history()).toMatchObject([
      { id, cutAt: expect.any(Number), closedAt: expect.any(Number) },
    ]);
    expect((await ask(workspace)).acks[0]?.sent).toMatchObject([{ to: null, ackedAt: null }]);
  });
});

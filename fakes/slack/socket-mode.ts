/**
 * Socket Mode: the WebSocket side of Slack.
 *
 * Read in docs.slack.dev "Using Socket Mode" and in @slack/socket-mode (SocketModeClient.js, SlackWebSocket.js):
 * `hello`, envelopes with `envelope_id`, acks `{ envelope_id, payload }`, `disconnect` with a reason, pings both ways,
 * at most 10 connections, each envelope goes to one of them. Read in slackapi/bolt-js#2225: the 11th connection gets
 * `too_many_websockets` in place of `hello`. Guessed: it is closed then; a ticket works once; an envelope whose
 * connection is lost before its ack goes to another one; commands and interactions are not repeated after a mere
 * timeout, events once.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Ack, type Envelope, NO_ANSWER, type Sent } from './envelope';
import { createControl, type Live } from './socket-control';
import type { Timers } from './timers';
import type { Obj } from './types';
import type { World } from './world';

const MAX_CONNECTIONS = 10;
const FAREWELL_MS = 500;

/** One delivery that waits for its ack. */
interface Waiting {
  envelope: Envelope;
  on: Live | undefined;
  sent: Sent[];
  retry: number;
  settle(ack: Ack): void;
}

export function createSocketMode(world: World, timers: Timers) {
  const server = new WebSocketServer({ noServer: true, autoPong: false });
  const tickets = new Map<string, string | null>();
  const live = new Map<string, Live>();
  const history: Live[] = [];
  let waiting: Waiting[] = [];
  const { appId, ackTimeoutMs, redeliverUnackedAfterMs, pingIntervalMs } = world.settings;

  const some = (id?: string): Live[] => [...live.values()].filter((one) => id === undefined || one.id === id);

  function pick(not: Live | undefined): Live | undefined {
    const open = some().filter((one) => !one.closing);
    const others = open.filter((one) => one !== not);
    const among = others.length > 0 ? others : open;
    return among[Math.floor(world.settings.random() * among.length)];
  }

  function transmit(one: Waiting, not?: Live): boolean {
    const to = pick(not);
    one.on = to;
    one.sent.push({ at: world.now(), to: to?.id ?? null, ackedAt: null });
    if (!to) return false;
    const { type, id, payload } = one.envelope;
    const retry =
      type === 'events_api' ? { retry_attempt: one.retry, retry_reason: one.retry > 0 ? 'timeout' : '' } : {};
    const envelope = {
      envelope_id: id,
      type,
      accepts_response_payload: type !== 'events_api',
      payload,
      ...retry,
    };
    to.envelopes += 1;
    if (!to.frozen) to.socket.send(JSON.stringify(envelope));
    return true;
  }

  function receive(from: Live, data: string): void {
    if (from.frozen) return;
    let message: { envelope_id?: string; payload?: Obj };
    try {
      message = JSON.parse(data) as typeof message;
    } catch {
      return;
    }
    const matches = waiting.filter((one) => one.envelope.id === message.envelope_id);
    // A late ack is ignored, as by Slack.
    const one = matches.find((match) => match.on === from) ?? matches[0];
    if (!one) return;
    from.acks += 1;
    const sent = one.sent.findLast(({ to }) => to === from.id);
    if (sent) sent.ackedAt = world.now();
    one.settle({ acked: true, payload: message.payload ?? {} });
  }

  function lost(connection: Live): void {
    live.delete(connection.id);
    connection.closedAt = world.now();
    for (const one of waiting.filter((item) => item.on === connection)) transmit(one, connection);
    world.changed({ kind: 'connection', id: connection.id });
  }

  function accept(socket: WebSocket, caller: string | null): void {
    const base = {
      ...{ id: world.id('link'), caller, openedAt: world.now(), closedAt: null, cutAt: null },
      envelopes: 0,
      acks: 0,
      closing: false,
      frozen: false,
    };
    const connection: Live = { ...base, socket };
    const say = (message: Obj) => socket.send(JSON.stringify(message));
    socket.on('error', () => socket.terminate());
    if (live.size >= MAX_CONNECTIONS) {
      say({ type: 'disconnect', reason: 'too_many_websockets', debug_info: { host: 'applink-demo' } });
      socket.close();
      return;
    }
    live.set(connection.id, connection);
    history.push(connection);
    socket.on('message', (data) => receive(connection, data.toString()));
    socket.on('ping', (data) => {
      if (!connection.frozen) socket.pong(data);
    });
    const pings = setInterval(() => {
      if (!connection.frozen) socket.ping(`Ping from ${world.now()}`);
    }, pingIntervalMs);
    socket.on('close', () => {
      clearInterval(pings);
      lost(connection);
    });
    const debug_info = { host: 'applink-demo', build_number: 1, approximate_connection_time: 3600 };
    say({ type: 'hello', num_connections: live.size, debug_info, connection_info: { app_id: appId } });
    for (const one of waiting.filter((item) => item.on === undefined)) transmit(one);
    world.changed({ kind: 'connection', id: connection.id });
  }

  const control = createControl(some, history, () => world.now());

  return {
    ...control,
    ticket(port: number, caller: string | null): Obj {
      const ticket = randomUUID();
      tickets.set(ticket, caller);
      return { url: `ws://127.0.0.1:${port}/link/?ticket=${ticket}&app_id=${appId}` };
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
      const caller = tickets.get(ticket) ?? null;
      if (!tickets.delete(ticket)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (one) => accept(one, caller));
    },
    /** Delivers one copy; resolves with the ack, or after the deadline without one. */
    send(envelope: Envelope): Promise<Ack> {
      return new Promise((resolve) => {
        const cancels: (() => void)[] = [];
        const settle = (ack: Ack) => {
          for (const cancel of cancels) cancel();
          waiting = waiting.filter((one) => one !== item);
          resolve({ ...ack, sent: item.sent });
        };
        const item: Waiting = { envelope, on: undefined, sent: [], retry: 0, settle };
        if (!transmit(item)) return settle({ acked: false, error: 'dispatch_failed' });
        waiting.push(item);
        const again = () => {
          item.retry += 1;
          transmit(item, item.on);
        };
        if (redeliverUnackedAfterMs !== undefined) cancels.push(timers.after(redeliverUnackedAfterMs, again));
        const giveUp = () => settle({ acked: false, error: 'operation_timeout' });
        const late = () => {
          if (envelope.type !== 'events_api') return giveUp();
          again();
          cancels.push(timers.after(ackTimeoutMs, giveUp));
        };
        cancels.push(timers.after(ackTimeoutMs, late));
      });
    },
    /** Ends all waits. Used by reset and close. */
    abandon(): void {
      for (const one of [...waiting]) one.settle(NO_ANSWER);
    },
    /** Closes properly: a client that is cut off while it closes keeps its process alive for 30 s. */
    async close(): Promise<void> {
      tickets.clear();
      const gone = some().map(
        ({ socket }) => new Promise<void>((done) => void socket.once('close', () => done())),
      );
      for (const one of some()) one.socket.close(1001);
      await Promise.race([Promise.all(gone), timers.wait(FAREWELL_MS)]);
      for (const one of some()) one.socket.terminate();
      server.close();
    },
  };
}

export type SocketMode = ReturnType<typeof createSocketMode>;

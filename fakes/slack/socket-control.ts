/**
 * What a test can do to the connections: Slack's `disconnect`, a cut connection, a peer that no longer answers.
 *
 * Read in docs.slack.dev "Using Socket Mode": the reasons of a `disconnect`; `warning` comes about 10 seconds before
 * the end; several connections make up for the refresh of one. Read in a log in slackapi/bolt-js#1061: a connection
 * that got a `warning` gets `refresh_requested` in the end, also when there is a second one by then. Guessed, as the
 * worst case: `refresh_requested` may come without a warning, and nothing new is sent to a connection after any reason
 * but `warning`. Not imitated: Slack's own closing; a test drops the connection.
 */
import type { WebSocket } from 'ws';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export interface Connection {
  readonly id: string;
  /** The name in the address at which the app asked for this connection. */
  readonly caller: string | null;
  readonly openedAt: number;
  closedAt: number | null;
  /** When a test dropped it or sent it a `disconnect`. */
  cutAt: number | null;
  envelopes: number;
  acks: number;
  /** It got a `disconnect`: nothing new is sent to it. */
  closing: boolean;
  /** It reads nothing and answers no ping, like a peer in a broken network. */
  frozen: boolean;
}

export interface SocketControl {
  connections(): readonly Readonly<Connection>[];
  /** All connections ever made, oldest first. */
  history(): readonly Readonly<Connection>[];
  /** Slack's `disconnect` envelope to one connection or to all. */
  disconnect(reason?: DisconnectReason, id?: string): void;
  /** Ends the TCP connection without a close frame. */
  drop(id?: string): void;
  /** Half-open: the connection looks alive and passes nothing. */
  freeze(frozen: boolean, id?: string): void;
}

export interface Live extends Connection {
  socket: WebSocket;
}

export function createControl(
  some: (id?: string) => Live[],
  all: readonly Live[],
  now: () => number,
): SocketControl {
  const plain = ({ socket: _, ...rest }: Live): Connection => rest;
  return {
    connections: () => some().map(plain),
    history: () => all.map(plain),
    disconnect(reason = 'refresh_requested', id) {
      for (const one of some(id)) {
        one.closing = reason !== 'warning';
        if (one.closing) one.cutAt ??= now();
        one.socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-demo' } }));
      }
    },
    drop(id) {
      for (const one of some(id)) {
        one.cutAt ??= now();
        one.socket.terminate();
      }
    },
    freeze(frozen, id) {
      for (const one of some(id)) one.frozen = frozen;
    },
  };
}

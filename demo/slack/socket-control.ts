/**
 * What a test may do to the connections: Slack's `disconnect`, a cut cable, a peer that has gone deaf.
 *
 * Read in docs.slack.dev "Using Socket Mode": the reasons of a `disconnect`; `warning` comes about 10 seconds before
 * the end, the others ask for a new connection at once. Not imitated: Slack's own closing after the warning.
 */
import type { WebSocket } from 'ws';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export interface Connection {
  readonly id: string;
  readonly openedAt: number;
  envelopes: number;
  acks: number;
  /** It was told to disconnect: nothing new goes to it. */
  closing: boolean;
  /** It reads nothing and answers no ping, like a peer behind a broken network. */
  frozen: boolean;
}

export interface SocketControl {
  connections(): readonly Readonly<Connection>[];
  /** Slack's `disconnect` envelope to one connection or to all. */
  disconnect(reason?: DisconnectReason, id?: string): void;
  /** Ends the TCP connection without a word. */
  drop(id?: string): void;
  /** Half-open: the connection looks alive and passes nothing. */
  freeze(frozen: boolean, id?: string): void;
}

export interface Live extends Connection {
  socket: WebSocket;
}

export function createControl(some: (id?: string) => Live[]): SocketControl {
  return {
    connections: () => some().map(({ socket: _, ...rest }) => rest),
    disconnect(reason = 'refresh_requested', id) {
      for (const one of some(id)) {
        one.closing = reason !== 'warning';
        one.socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-demo' } }));
      }
    },
    drop(id) {
      for (const one of some(id)) one.socket.terminate();
    },
    freeze(frozen, id) {
      for (const one of some(id)) one.frozen = frozen;
    },
  };
}

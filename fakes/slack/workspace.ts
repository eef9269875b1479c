/**
 * A fake Slack workspace on loopback: all parts behind one HTTP server.
 *
 * It binds to 127.0.0.1 only and calls no other host, except the request URLs that a test gives.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ActContext } from './acts';
import { createDelivery } from './delivery';
import type { Ack } from './envelope';
import { createFaults, type Faults } from './faults';
import { createHttpDelivery } from './http-delivery';
import { dump, namesIn, type Snapshot, snapshot, threaded, type WaitOptions, waitFor } from './observe';
import { type WorkspaceOptions, withDefaults } from './options';
import { createPerson, type Person } from './person';
import { type Plain, renderText } from './render';
import type { SocketControl } from './socket-control';
import { createSocketMode } from './socket-mode';
import { createTimers } from './timers';
import type { CallRecord, Change, Ephemeral, MessageInThread, OpenView, StoredMessage } from './types';
import { stackOf } from './view-state';
import { createWebApi } from './web-api';
import { createWorld, messagesIn } from './world';

export interface Workspace {
  /** For `slackApiUrl`: `http://127.0.0.1:PORT/api/` */
  readonly url: string;
  readonly port: number;
  /**
   * The same with a name in it that is kept with each call and connection, to tell several processes of the app apart.
   * Slack has no such thing.
   */
  urlFor(name: string): string;
  person(userId: string): Person;
  messages(channel: string): MessageInThread[];
  ephemerals(userId: string): readonly Ephemeral[];
  modalOf(userId: string): Readonly<OpenView> | undefined;
  home(userId: string): Readonly<OpenView> | undefined;
  readonly calls: readonly CallRecord[];
  /** Messages of every channel, replies too, that carry this metadata. */
  postsWithMetadata(eventType: string): StoredMessage[];
  waitFor<T>(
    predicate: () => T,
    options?: WaitOptions,
  ): Promise<Exclude<T, false | undefined | null | 0 | ''>>;
  on(event: 'change', listener: (change: Change) => void): () => void;
  /** `arrival`: a call has come; `call`: it has been answered. */
  on(event: 'arrival' | 'call', listener: (call: CallRecord) => void): () => void;
  /** Everything that this person can see, as plain JSON. */
  snapshot(userId: string): Snapshot;
  renderText(shown: object, plain?: Plain): string;
  dump(): string;
  readonly faults: Faults;
  readonly socket: SocketControl;
  /** Every Web API call and response_url fails with a broken connection, without effect. */
  down(isDown: boolean): void;
  readonly isDown: boolean;
  /** Delivers the last envelope again. */
  redeliver(times?: number): Promise<Ack[]>;
  /** From now on, each envelope comes twice with this probability. */
  redeliverEach(probability: number): void;
  /** HTTP delivery to one address, or to several in turn; undefined: Socket Mode again. */
  setRequestUrl(url: string | readonly string[] | undefined): void;
  setScopes(scopes: readonly string[]): void;
  /** Lets a person or the bot (`'bot'`) join or leave. */
  setMember(channel: string, who: string, isMember: boolean): void;
  setArchived(channel: string, archived: boolean): void;
  /** Sets the members of a user group. */
  setUserGroup(id: string, users: readonly string[]): void;
  /** Back to the start. Connections stay, and IDs keep counting. */
  reset(): void;
  close(): Promise<void>;
}

export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const settings = withDefaults(options);
  const world = createWorld(settings);
  const timers = createTimers();
  const faults = createFaults(settings.random);
  const socket = createSocketMode(world, timers);
  const http = createHttpDelivery(world, timers);
  const delivery = createDelivery(world, socket, http);
  delivery.setUrls(settings.requestUrl);

  let port = 0;
  const base = () => `http://127.0.0.1:${port}`;
  const api = createWebApi(world, faults, timers, (caller) => socket.ticket(port, caller));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', base());
    const [, caller = null, path] = /^(?:\/as\/([^/]+))?(\/(?:api|response)\/.*)$/.exec(pathname) ?? [];
    if (path !== undefined) {
      api.handle(request, response, path, caller).catch(() => response.destroy());
    } else {
      response.writeHead(404).end();
    }
  });
  // If the server closed an idle connection just when a client reuses it, that would be a fault that no test injected.
  server.keepAliveTimeout = 0;
  server.on('upgrade', (request, raw, head) => socket.upgrade(request, raw, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, '127.0.0.1', () => resolve());
  });
  port = (server.address() as AddressInfo).port;

  const context: ActContext = { world, delivery, base };
  const people = new Map<string, Person>();
  const channelOf = (id: string) => {
    const channel = world.channels.get(id);
    if (!channel) throw new Error(`No channel ${id} in the workspace`);
    return channel;
  };

  return {
    port,
    url: `${base()}/api/`,
    urlFor: (name) => `${base()}/as/${name}/api/`,
    person(id) {
      const known = people.get(id) ?? createPerson(context, id);
      people.set(id, known);
      return known;
    },
    messages: (channel) => threaded(world, channel),
    ephemerals: (user) => world.ephemerals.filter((one) => one.user === user),
    modalOf: (user) => stackOf(world, user).at(-1),
    home: (user) => world.homes.get(user),
    get calls() {
      return world.calls;
    },
    postsWithMetadata: (type) =>
      [...world.messages.keys()]
        .flatMap((channel) => messagesIn(world, channel))
        .filter((message) => message.metadata?.event_type === type),
    waitFor: (predicate, wait) => waitFor(world, timers, predicate, wait),
    on(event: string, listener: (detail: never) => void) {
      world.emitter.on(event, listener as (detail: unknown) => void);
      return () => void world.emitter.off(event, listener as (detail: unknown) => void);
    },
    snapshot: (user) => snapshot(world, user),
    renderText: (shown, plain) => renderText(shown, namesIn(world), plain),
    dump: () => dump(world),
    faults,
    socket,
    down(isDown) {
      api.down = isDown;
    },
    get isDown() {
      return api.down;
    },
    redeliver: (times) => delivery.redeliver(times),
    redeliverEach: (probability) => delivery.redeliverEach(probability),
    setRequestUrl: (url) => delivery.setUrls(url),
    setScopes(scopes) {
      world.scopes = new Set(scopes);
    },
    setMember(channel, who, isMember) {
      const { members } = channelOf(channel);
      const id = who === 'bot' ? settings.botUserId : who;
      if (isMember) members.add(id);
      else members.delete(id);
      world.changed({ kind: 'message', channel });
    },
    setArchived(channel, archived) {
      channelOf(channel).archived = archived;
      world.changed({ kind: 'message', channel });
    },
    setUserGroup(id, users) {
      world.userGroups = world.userGroups.map((one) => (one.id === id ? { ...one, users: [...users] } : one));
    },
    reset() {
      faults.clear();
      api.down = false;
      delivery.redeliverEach(0);
      delivery.setUrls(settings.requestUrl);
      socket.abandon();
      http.abandon();
      world.reset();
    },
    async close() {
      world.emitter.emit('close');
      socket.abandon();
      http.abandon();
      await socket.close();
      timers.clear();
      server.closeAllConnections();
      await new Promise<void>((done) => void server.close(() => done()));
      world.emitter.removeAllListeners();
    },
  };
}

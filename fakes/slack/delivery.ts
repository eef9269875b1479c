/**
 * Delivers an envelope to the app, over Socket Mode or HTTP, one or more times.
 *
 * Imitated: Slack delivers at least once, so the same envelope may come twice, to two replicas too
 * (`redeliverEach`, `copies`, `redeliver`). Only the first ack counts. Later ones are ignored.
 */
import type { Ack, Envelope, Signature } from './envelope';
import type { HttpDelivery } from './http-delivery';
import type { SocketMode } from './socket-mode';
import type { Obj } from './types';
import type { World } from './world';

export interface DeliverOptions {
  /** How many times the same envelope is delivered, all at once. @default 1 */
  copies?: number;
  /** HTTP delivery only. @default 'good' */
  signature?: Signature;
}

export interface Delivered {
  /** The first ack, or the first failure if there was none. */
  first: Ack;
  acks: Ack[];
  afterMs: number;
}

export function createDelivery(world: World, socket: SocketMode, http: HttpDelivery) {
  let urls: readonly string[] = [];
  let doubling = 0;
  let last: Envelope | undefined;

  const send = (envelope: Envelope, signature?: Signature): Promise<Ack> =>
    urls.length > 0 ? http.send(urls, envelope, signature) : socket.send(envelope);

  return {
    setUrls(next: string | readonly string[] | undefined): void {
      urls = typeof next === 'string' ? [next] : (next ?? []);
    },
    redeliverEach(probability: number): void {
      doubling = probability;
    },
    /** Delivers the last envelope again. What comes back changes nothing on anybody's screen. */
    redeliver(times = 1): Promise<Ack[]> {
      if (!last) throw new Error('Nothing was delivered yet');
      const envelope = last;
      return Promise.all(Array.from({ length: times }, () => send(envelope)));
    },
    /** `onFirst` runs as soon as the first copy is acked: a person does not wait for the second. */
    async deliver(
      type: Envelope['type'],
      payload: Obj,
      options: DeliverOptions,
      onFirst: (ack: Ack) => void = () => undefined,
    ): Promise<Delivered> {
      const started = world.now();
      const envelope = { id: world.id('envelope-'), type, payload };
      last = envelope;
      const extra = doubling > 0 && world.settings.random() < doubling ? 1 : 0;
      let first: Ack | undefined;
      let afterMs = 0;
      const copies = Array.from({ length: (options.copies ?? 1) + extra }, async () => {
        const ack = await send(envelope, options.signature);
        if (ack.acked && !first) {
          first = ack;
          afterMs = world.now() - started;
          onFirst(ack);
        }
        return ack;
      });
      const acks = await Promise.all(copies);
      if (!first) {
        first = acks[0] as Ack;
        afterMs = world.now() - started;
        onFirst(first);
      }
      return { first, acks, afterMs };
    },
  };
}

export type Delivery = ReturnType<typeof createDelivery>;

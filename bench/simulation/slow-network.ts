import type { Dispatcher } from 'undici';
import type { VirtualTime } from './virtual-time';

/** What a network and a disk cost in the simulation, in ms. */
export const COSTS = {
  /** Each way between the app and Toloka. */
  tolokaOneWay: 50,
  /** One call to Slack, there and back. */
  slack: 100,
  /** One write transaction with its fsync. There is one at a time. */
  journalWrite: 2,
};

/** The real network, with virtual time for each request on its way there and back. `sent` is called for each. */
export function slowNetwork(inner: Dispatcher, time: VirtualTime, sent: () => void): Dispatcher {
  return inner.compose((dispatch) => (options, handler) => {
    const replay: (() => void)[] = [];
    const exchange = () =>
      new Promise<void>((done) => {
        const last = (play: () => void) => {
          replay.push(play);
          done();
        };
        dispatch(options, {
          onRequestStart: (...given) => handler.onRequestStart?.(...given),
          onResponseStart: (...given) => void replay.push(() => handler.onResponseStart?.(...given)),
          onResponseData: (...given) => void replay.push(() => handler.onResponseData?.(...given)),
          onResponseEnd: (...given) => last(() => handler.onResponseEnd?.(...given)),
          onResponseError: (...given) => last(() => handler.onResponseError?.(...given)),
        });
      });
    const travel = async () => {
      sent();
      await time.sleep(COSTS.tolokaOneWay);
      await time.real(exchange);
      await time.sleep(COSTS.tolokaOneWay);
      for (const play of replay) play();
    };
    void travel();
    return true;
  });
}

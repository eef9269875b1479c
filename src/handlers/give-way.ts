/** In ms, however many modals are being opened. */
const LONGEST_MS = 50;

/**
 * Lets modals open first: reading at the same time would keep the calls to Slack from leaving. Waits 1 ms for each modal
 * that is being opened. That is nothing for one person, and for 50 at once until most of their calls have left.
 */
export function createGiveWay(sleep: (ms: number) => Promise<unknown>) {
  let opening = 0;
  return async (call: Promise<unknown>): Promise<void> => {
    opening++;
    const done = () => {
      opening--;
    };
    call.then(done, done);
    for (let waited = 0; waited === 0 || waited < Math.min(opening, LONGEST_MS); waited++) await sleep(1);
  };
}

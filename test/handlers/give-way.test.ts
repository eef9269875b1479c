import { createGiveWay } from '../../src/handlers/give-way';

describe('giving way to modals that are being opened', () => {
  let wake: (() => void)[];
  let giveWay: ReturnType<typeof createGiveWay>;
  beforeEach(() => {
    wake = [];
    giveWay = createGiveWay(() => new Promise<void>((resolve) => wake.push(resolve)));
  });

  async function passMs() {
    for (const one of wake.splice(0)) one();
    await new Promise(setImmediate);
  }

  /** A call to Slack, and whether its reading has begun. */
  function open() {
    const one = { begun: false, answer: () => {}, fail: () => {} };
    const call = new Promise<void>((resolve, reject) => {
      one.answer = resolve;
      one.fail = () => reject(new Error('not sent'));
    });
    void giveWay(call).then(() => {
      one.begun = true;
    });
    return one;
  }

  it('takes a millisecond when there is one, before Slack has answered', async () => {
    const alone = open();
    expect(alone.begun).toBe(false);
    await passMs();
    expect(alone.begun).toBe(true);
  });

  it('takes a millisecond for each of several, until Slack has answered or failed', async () => {
    const calls = [open(), open(), open(), open()];
    const begun = () => calls.filter((one) => one.begun).length;
    await passMs();
    await passMs();
    expect(begun()).toBe(0);
    calls[0]?.answer();
    calls[1]?.fail();
    await passMs();
    expect(begun()).toBe(4);
  });

  it('takes fifty at most, however many Slack does not answer', async () => {
    const calls = Array.from({ length: 80 }, open);
    for (let ms = 1; ms < 50; ms++) await passMs();
    expect(calls.filter((one) => one.begun)).toEqual([]);
    await passMs();
    expect(calls.every((one) => one.begun)).toBe(true);
  });
});

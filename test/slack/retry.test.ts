import { CardError } from '../../src/archive/errors';
import { rateLimited, toCardError } from '../../src/slack/errors';
import { retry } from '../../src/slack/retry';

function createTries(...failures: unknown[]) {
  const pauses: number[] = [];
  let tries = 0;
  const options = {
    pausesMs: [100, 200],
    longestMs: 5_000,
    sleep: async (ms: number) => void pauses.push(ms),
  };
  const work = async () => {
    tries += 1;
    if (tries <= failures.length) throw failures[tries - 1];
    return `done at try ${tries}`;
  };
  return { pauses, options, work };
}
const lost = () => new CardError('maybe', 'slack_unreachable', 'No answer.');
const refused = () => new CardError('refused', 'not_in_channel', 'No.');

describe('retry', () => {
  it('makes the call again after the next pause', async () => {
    const { work, options, pauses } = createTries(lost(), lost());
    await expect(retry(work, options)).resolves.toBe('done at try 3');
    expect(pauses).toEqual([100, 200]);
  });

  it('throws the last failure when the pauses are used up', async () => {
    const last = lost();
    const { work, options, pauses } = createTries(lost(), lost(), last);
    await expect(retry(work, options)).rejects.toBe(last);
    expect(pauses).toEqual([100, 200]);
  });

  it('does not repeat what Slack refused', async () => {
    const { work, options, pauses } = createTries(refused());
    await expect(retry(work, options)).rejects.toMatchObject({ reason: 'not_in_channel' });
    expect(pauses).toEqual([]);
  });

  it('waits as long as Slack asks, but not longer than the limit', async () => {
    const { work, options, pauses } = createTries(rateLimited(3_000), rateLimited(6_000));
    await expect(retry(work, options)).rejects.toMatchObject({ retryAfterMs: 6_000 });
    expect(pauses).toEqual([3_000]);
  });

  it('reports each further try', async () => {
    const { work, options } = createTries(lost());
    const reports: unknown[] = [];
    await retry(work, { ...options, onRetry: ({ reason }, tries) => reports.push([reason, tries]) });
    expect(reports).toEqual([['slack_unreachable', 1]]);
  });

  it('throws a CardError for anything thrown', async () => {
    const { work, options } = createTries('odd', 'odd', 'odd');
    await expect(retry(work, options)).rejects.toEqual(toCardError('odd'));
  });
});

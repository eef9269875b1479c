import { LogLevel, WebClient } from '@slack/web-api';
import type { FaultKind } from '../../demo/slack';
import { createSlackCards } from '../../src/adapters/slack-cards';
import { createTell } from '../../src/adapters/slack-tell';
import { ALICE, createStage, GENERAL, type Stage, TOKENS } from '../support/stage';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

function parts() {
  const pauses: number[] = [];
  const errors: string[] = [];
  const client = new WebClient(TOKENS.bot, {
    ...{ slackApiUrl: stage.workspace.url, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
    logLevel: LogLevel.ERROR,
  });
  const tell = createTell(createSlackCards(client), {
    sleep: async (ms) => void pauses.push(ms),
    logger: { error: (message) => void errors.push(message) },
  });
  return { tell, pauses, errors };
}
const said = () => stage.workspace.ephemerals(ALICE).map(({ text }) => text);

describe('a private word', () => {
  it.each<FaultKind>(['status', 'ratelimited', 'reset', 'html'])('is tried again after %s', async (kind) => {
    stage.workspace.faults.add({ kind, method: 'chat.postEphemeral', times: 3 });
    const { tell, pauses, errors } = parts();
    await tell(ALICE, GENERAL, 'a word');
    expect(said().at(-1)).toBe('a word');
    expect([pauses.length, errors]).toEqual([3, []]);
  });

  it('is given up after half a minute, and logged', async () => {
    stage.workspace.faults.add({
      ...{ kind: 'status', method: 'chat.postEphemeral', times: Number.POSITIVE_INFINITY },
    });
    const { tell, pauses, errors } = parts();
    await tell(ALICE, GENERAL, 'a word');
    expect(said()).toEqual([]);
    expect([pauses.reduce((sum, ms) => sum + ms, 0), errors]).toEqual([33_000, ['not told']]);
  });
});

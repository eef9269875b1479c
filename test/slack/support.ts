import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import type { ArchiveRequest, RequestEvent } from '../../src/archive/request';
import { ALICE, type Fakes, GENERAL, TOKENS } from '../support/harness';

const quiet = () => {};
export const SILENT = {
  ...{ debug: quiet, info: quiet, warn: quiet, error: quiet },
  ...{ setLevel: quiet, getLevel: () => 'error' as never, setName: quiet },
};

/** A client as the app makes it: without retries, and with a short time limit. */
export const clientOf = ({ workspace }: Pick<Fakes, 'workspace'>) =>
  new WebClient(TOKENS.bot, {
    slackApiUrl: workspace.url,
    timeout: 2_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });

/** A confirmed request of Alice's in #general. */
export function requestAt(now: number, change: Partial<ArchiveRequest> = {}): ArchiveRequest {
  return {
    ...{ id: 'request-1', team: 'T0TEAM', environment: 'production', trainingId: '123456' },
    ...{ requester: ALICE, channel: GENERAL, createdAt: now, state: 'confirmed', version: 2 },
    ...{ reason: 'not used any more', retryOf: null, enterprise: null, operationId: null, outcome: null },
    ...{ confirmedAt: now, submittedAt: null, finishedAt: null, card: null, successor: null, threadSeq: 0 },
    ...{ progress: null, stepAt: null, stepTries: 0, publishAt: null, publishTries: 0 },
    unpublishedSince: null,
    ...{
      batch: null,
      place: 0,
      approval: null,
      releasedAt: null,
      touched: 0,
      shown: 0,
      closedSum: 0,
      calledAt: 0,
      pause: null,
      heldAt: null,
    },
    ...{ lease: null, receipt: 'abcd-efgh' },
    plan: {
      ...{ environment: 'production', trainingId: '123456', projectName: 'Signs', readAt: now },
      ...{ projectLinksTraining: false, pools: [], blockers: [], unread: [], fingerprint: 'f' },
      training: {
        ...{ id: '123456', projectId: '7', name: 'Street signs', status: 'CLOSED' },
        ...{ lastCloseReason: null, created: null, url: 'https://platform.toloka.ai/training/123456' },
      },
    },
    ...change,
  };
}

export const eventAt = (at: number, seq: number, change: Partial<RequestEvent> = {}): RequestEvent => ({
  ...{ requestId: 'request-1', seq, at, kind: 'confirmed', from: 'planned', to: 'confirmed' },
  ...{ actor: ALICE, detail: {} },
  ...change,
});

/** A trigger as Alice's command brings it. The command goes to a server of the test, so no app is needed. */
export async function triggerOf({ workspace }: Pick<Fakes, 'workspace'>): Promise<string> {
  let trigger = '';
  const server = createServer(async (request, response) => {
    const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    trigger = body.get('trigger_id') ?? '';
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  workspace.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await workspace.person(ALICE).command('123456', { channel: GENERAL });
  workspace.setRequestUrl(undefined);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  return trigger;
}

import { setTimeout as wait } from 'node:timers/promises';
import { createAgents } from './agents';
import { authorizationHeader, bareToken } from './auth';
import { createCall } from './call';
import { TolokaInvalidInputError } from './errors';
import { createMethods } from './methods';
import { createRedact } from './redact';
import { RETRY_POLICIES } from './retry';
import type { TolokaClient, TolokaClientOptions } from './types';

/** Kept equal to the version of the package by a test. */
export const DEFAULT_USER_AGENT = 'toloka-archive-for-slack/0.1.0';

/**
 * Makes a client of one Toloka environment.
 *
 * @throws TolokaInvalidInputError when the address or the token cannot be one
 */
export function createTolokaClient(options: TolokaClientOptions): TolokaClient {
  const { trainingPath, timeouts = {} } = options;
  const { origin, basePath } = parseApiUrl(options.apiUrl);
  const agents = createAgents(timeouts.connectMs ?? 5_000, options.dispatcher);
  let closing: Promise<void> | undefined;
  const call = createCall({
    origin,
    basePath,
    headers: {
      authorization: authorizationHeader(checkedToken(options.token)),
      accept: 'application/json',
      'user-agent': options.userAgent ?? DEFAULT_USER_AGENT,
    },
    redact: createRedact(bareToken(options.token)),
    dispatcherFor: agents.dispatcherFor,
    timeoutMs: { GET: timeouts.readMs ?? 10_000, POST: timeouts.archiveMs ?? 30_000 },
    retry: options.retry ?? RETRY_POLICIES.reads,
    tools: {
      sleep: options.sleep ?? ((ms, signal) => wait(ms, undefined, signal && { signal })),
      random: options.random ?? Math.random,
      now: options.now ?? Date.now,
    },
    logger: options.logger,
    readTurn: options.readTurn,
    onRequest: options.onRequest,
    isClosed: () => closing !== undefined,
  });
  return {
    ...createMethods(call, trainingPath),
    close: () => {
      closing ??= agents.close();
      return closing;
    },
  };
}

function parseApiUrl(apiUrl: string): { origin: string; basePath: string } {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : null;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  if (!plain || !/^https?:$/.test(url.protocol)) {
    const advice =
      'The address of the API must look like https://toloka.dev/api, without a user, query or fragment.';
    throw new TolokaInvalidInputError(advice, 'createTolokaClient');
  }
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') };
}

function checkedToken(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(bareToken(token))) {
    const advice = 'The token must be one word of plain characters. Copy it anew from the Toloka profile.';
    throw new TolokaInvalidInputError(advice, 'createTolokaClient');
  }
  return token;
}

/**
 * What a Web API request contains (method, arguments, token) and whether the caller is allowed to make it.
 *
 * Read in docs.slack.dev/apis/web-api and in @slack/web-api (WebClient.js): form or JSON bodies, the token in the
 * header or in the body, not_authed, invalid_auth, not_allowed_token_type, missing_scope with needed and provided.
 */
import type { IncomingMessage } from 'node:http';
import type { Method } from './methods';
import { refuse } from './refusal';
import type { Obj } from './types';
import type { World } from './world';

export interface WebRequest {
  args: Obj;
  token: string | undefined;
}

function parse(request: IncomingMessage, body: string): Obj {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const args: Obj = Object.fromEntries(query);
  if (!(request.headers['content-type'] ?? '').includes('json')) {
    return { ...args, ...Object.fromEntries(new URLSearchParams(body)) };
  }
  try {
    return { ...args, ...(JSON.parse(body || '{}') as Obj) };
  } catch {
    return { ...args, invalid_json: body };
  }
}

export async function readRequest(request: IncomingMessage): Promise<WebRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { token, ...args } = parse(request, Buffer.concat(chunks).toString('utf8'));
  const header = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return { args, token: header ?? (typeof token === 'string' ? token : undefined) };
}

/** Refuses, or returns the headers with the caller's scopes. */
export function authorise(world: World, method: Method, token: string | undefined): Record<string, string> {
  const { botToken, appToken } = world.settings;
  const kind = method.token ?? 'bot';
  if (kind === 'none') return {};
  if (!token) refuse('not_authed');
  if (token !== botToken && token !== appToken) refuse('invalid_auth');
  if (kind === 'bot' && token === appToken) refuse('not_allowed_token_type');
  if (kind === 'app' && token === botToken) refuse('not_allowed_token_type');
  if (token === appToken) return { 'x-oauth-scopes': 'connections:write' };
  const provided = [...world.scopes].join(',');
  const { scopes = [] } = method;
  if (scopes.length === 0) return { 'x-oauth-scopes': provided };
  if (!scopes.some((scope) => world.scopes.has(scope))) {
    refuse('missing_scope', { needed: scopes[0], provided });
  }
  return { 'x-oauth-scopes': provided, 'x-accepted-oauth-scopes': scopes.join(',') };
}

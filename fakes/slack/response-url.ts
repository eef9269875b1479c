/**
 * response_url: an address that answers one interaction.
 *
 * Read in docs.slack.dev "Handling user interaction": 5 uses in 30 minutes, ephemeral unless `response_type` is
 * in_channel, `replace_original`, `delete_original`, also works where the bot is not a member. Guessed: HTTP 404 with
 * used_url or expired_url (seen in clients' bug reports), 400 for a message that Slack refuses; for a slash command
 * the "original" is the last answer that went through the same address.
 */
import { readContent } from './methods-chat';
import { flag, optional, Refusal } from './refusal';
import type { Block, Obj } from './types';
import { addEphemeral, addMessage, changeMessage, messagesIn, type ResponseUrl, type World } from './world';

export const MAX_USES = 5;
export const LIFE_MS = 30 * 60_000;

export type Original = ResponseUrl['original'];

/** A new address; the server knows its path as `/response/<id>`. */
export function newResponseUrl(
  world: World,
  user: string,
  channel: string,
  original?: Original,
  thread?: string,
): string {
  const id = world.id('R');
  const expires = world.now() + LIFE_MS;
  world.responseUrls.set(id, { user, channel, expires, uses: 0, original, thread_ts: thread });
  return id;
}

function replace(
  world: World,
  target: NonNullable<Original>,
  channel: string,
  next: { text: string; blocks: Block[] } | undefined,
): void {
  if (target.ephemeral) {
    world.ephemerals = world.ephemerals.flatMap((one) => {
      if (one.ts !== target.ts) return [one];
      return next ? [{ ...one, ...next, replaced: one.replaced + 1 }] : [];
    });
    world.changed({ kind: 'ephemeral', channel, id: target.ts });
    return;
  }
  const message = messagesIn(world, channel).find((one) => one.ts === target.ts);
  if (message) changeMessage(world, message, next);
}

function act(world: World, url: ResponseUrl, args: Obj): void {
  const { user, channel, original } = url;
  if (flag(args, 'delete_original')) {
    if (original) replace(world, original, channel, undefined);
    return;
  }
  const { text, blocks } = readContent(world, args);
  if (flag(args, 'replace_original') && original) {
    replace(world, original, channel, { text, blocks });
    return;
  }
  const thread_ts = optional(args, 'thread_ts');
  const open = args['response_type'] === 'in_channel';
  const said = { channel, user: world.settings.botUserId, fromApp: true, text, blocks, thread_ts };
  const made = open ? addMessage(world, said) : addEphemeral(world, { user, channel, text, blocks });
  url.original = { ts: made.ts, ephemeral: !open };
}

/** The content of the ack of a slash command. It is handled like a use of the response_url, but is not counted. */
export function answerCommand(world: World, id: string, args: Obj): void {
  const url = world.responseUrls.get(id);
  if (url && (args['text'] || args['blocks'])) act(world, url, args);
}

export function useResponseUrl(world: World, id: string, args: Obj): { status: number; body: Obj } {
  const no = (status: number, error: string) => ({ status, body: { ok: false, error } });
  const url = world.responseUrls.get(id);
  if (!url) return no(404, 'invalid_url');
  if (world.now() > url.expires) return no(404, 'expired_url');
  if (url.uses >= MAX_USES) return no(404, 'used_url');
  try {
    act(world, url, args);
  } catch (error) {
    if (error instanceof Refusal) return no(400, error.code);
    throw error;
  }
  url.uses += 1;
  return { status: 200, body: { ok: true } };
}

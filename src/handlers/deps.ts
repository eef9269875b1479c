import type { ViewOutput } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Location } from '../archive/request';
import type { Actor, ArchiveService } from '../archive/service';
import type { Logger } from '../logger';
import { type DenialContext, type DenialReason, denialText } from '../messages/denials';
import type { Notify } from '../slack/notify';
import type { EnvironmentWord, ParsedCommand } from './command-text';

/** What the handlers are given. */
export interface HandlerDeps {
  service: ArchiveService;
  client: WebClient;
  notify: Notify;
  /** Slack's code when the app's token is not valid any more, so that nothing can be shown or posted with it. */
  tokenProblem: () => Promise<string | null>;
  permalink: (card: Location | null) => Promise<string | null>;
  /** The environment that a word (or no word) means in this installation. */
  resolveEnvironment: (word: EnvironmentWord | null) => string;
  /** The names of the Toloka accounts, the default one first. */
  environments: readonly string[];
  /** Whether the training ID, or the number of trainings, must be typed to confirm. */
  requiresTyping: (environment: string) => boolean;
  /** The people whom ADMIN_ALLOW names: whom to ask. */
  admins: readonly string[];
  /** The settings that denials name. */
  denialContext: DenialContext;
  countCommand: (kind: ParsedCommand['kind']) => void;
  sleep: (ms: number, signal?: AbortSignal) => Promise<unknown>;
  /** Waits until reading no longer keeps this call, and those of others, from leaving. */
  giveWay: (opening: Promise<unknown>) => Promise<void>;
  logger: Logger;
}

/** Anything that Slack sends about a click in a message or a modal. */
export interface ClickBody {
  user: { id: string; team_id?: string | undefined };
  team?: { id: string; enterprise_id?: string } | null;
  view?: { type?: string | undefined } | undefined;
}

/**
 * Who clicked. `channel` is where to reply; without one, the reply is a direct message. In a channel that is shared with
 * another company, only `user.team_id` is sure to be the person's own workspace: `team` is the app's under a message, and
 * the payload's `enterprise` is the organization of the app. What is not known counts as another company. Slack does not
 * document `user.team_id` for a modal; there, `team` is the person's own.
 * @see https://github.com/slackapi/java-slack-sdk/issues/1041
 * @see https://github.com/slackapi/bolt-js/issues/1614
 */
export function actorOf({ user, team, view }: ClickBody, channel?: string): Actor {
  const own = user.team_id ?? (view?.type === 'modal' ? team?.id : undefined) ?? '';
  const enterprise = (team?.id === own ? team.enterprise_id : undefined) ?? null;
  return { user: user.id, channel: channel ?? user.id, team: own, enterprise };
}

const inputSchema = z.string().trim().catch('');

/** What was typed into a modal's input. Empty when there is no such input. */
export const readInput = (
  { state }: Pick<ViewOutput, 'state'>,
  { block, action }: { block: string; action: string },
): string => inputSchema.parse(state?.values?.[block]?.[action]?.value);

const requestIdSchema = z.string().min(1).max(100);

/** The request that a button of a card is about. Undefined when no version of this app can have made it. */
export const readRequestId = (value: unknown): string | undefined => requestIdSchema.safeParse(value).data;

/** Records a denial and notifies the person of it. */
export async function deny(
  { service, notify, denialContext }: HandlerDeps,
  actor: Actor,
  code: DenialReason,
  about: Parameters<ArchiveService['deny']>[2] = {},
): Promise<void> {
  await service.deny(actor, code, about);
  await notify(actor, denialText(code, { ...about, ...denialContext }));
}

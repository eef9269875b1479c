/**
 * What one act of a person sends to the app and, when the answer comes, changes on their screen.
 *
 * Imitated (docs "Slash commands", "Handling user interaction"): 3 seconds for the ack; what a command's ack says is
 * shown to the person; a failed command shows `failed with the error "…"` (operation_timeout, dispatch_failed); in
 * Socket Mode an ack that comes later is silent; view_closed only for views that asked for it. The ack of a
 * block_suggestion carries at most 100 options or groups (docs "block_suggestion payloads"); if it is late or empty, the
 * list shows that nothing was found (github.com/slackapi/java-slack-sdk/issues/1204, bolt-js/issues/1479). An event is
 * sent only if the manifest subscribes to it. Guessed: an ack that Slack cannot use also shows that nothing was found; a
 * shortcut that is not acknowledged shows the person nothing.
 */
import { checkChoices } from './block-kit-text';
import type { Delivered, DeliverOptions, Delivery } from './delivery';
import type { Ack } from './envelope';
import * as payloads from './payloads';
import { Refusal } from './refusal';
import { answerCommand } from './response-url';
import type { Element, Obj, Option } from './types';
import { setStack, stackOf } from './view-state';
import { addEphemeral } from './world';

export interface ActContext extends payloads.PayloadContext {
  delivery: Delivery;
}

export interface ActResult {
  /** In time. */
  acked: boolean;
  afterMs: number;
  /** What the app put into its ack. */
  payload?: Obj;
  /** What Slack shows the person instead. `not_sent`: Slack's client did not send it. */
  error?: 'operation_timeout' | 'dispatch_failed' | 'invalid_command' | 'not_sent';
  /** HTTP delivery only. */
  status?: number;
  /** The trigger that the app was given. */
  trigger?: string;
  /** One for each delivered copy, with the connection or address. */
  acks: Ack[];
  /** The part of the ack that Slack refused. */
  problems: string[];
}

export const NOT_SENT: ActResult = { acked: false, afterMs: 0, error: 'not_sent', acks: [], problems: [] };

export function result({ first, acks, afterMs }: Delivered, problems: string[]): ActResult {
  const { acked, payload, error, status } = first;
  return {
    ...{ acked, afterMs, acks, problems },
    ...(payload ? { payload } : {}),
    ...(error ? { error } : {}),
    ...(status === undefined ? {} : { status }),
  };
}

export async function command(
  context: ActContext,
  user: string,
  said: { command: string; text: string; channel: string },
  options: DeliverOptions,
): Promise<ActResult> {
  const { world, delivery } = context;
  const fromSlack = (text: string) =>
    addEphemeral(world, { user, channel: said.channel, text, from: 'slack' });
  if (!world.settings.commands.some((one) => one.command === said.command)) {
    fromSlack(`${said.command} is not a valid command.`);
    return { ...NOT_SENT, error: 'invalid_command' };
  }
  const problems: string[] = [];
  const { payload, responseId } = payloads.commandPayload(context, user, said);
  const delivered = await delivery.deliver('slash_commands', payload, options, (ack) => {
    if (!ack.acked) {
      fromSlack(`${said.command} failed with the error "${ack.error}"`);
      return;
    }
    try {
      answerCommand(world, responseId, ack.payload ?? {});
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push(error.code);
    }
  });
  return { ...result(delivered, problems), trigger: String(payload['trigger_id']) };
}

export async function blockAction(
  context: ActContext,
  user: string,
  place: payloads.Place,
  action: Obj,
  options: DeliverOptions,
): Promise<ActResult> {
  const payload = payloads.actionsPayload(context, user, place, action);
  const delivered = await context.delivery.deliver('interactive', payload, options);
  return { ...result(delivered, []), trigger: String(payload['trigger_id']) };
}

/** Closes the top view, or all of them. The app gets view_closed for views with `notify_on_close`. */
export async function close(
  context: ActContext,
  user: string,
  all: boolean,
  options: DeliverOptions,
): Promise<ActResult> {
  const { world, delivery } = context;
  const stack = stackOf(world, user);
  const top = stack.at(-1);
  if (!top) throw new Error(`${user} has no modal open`);
  const cleared = all || top.clear_on_close;
  const closing = cleared ? [...stack].reverse() : [top];
  setStack(
    world,
    user,
    stack.filter((view) => !closing.includes(view)),
  );
  const notified = closing.filter((view) => view.notify_on_close);
  const results = await Promise.all(
    notified.map((view) =>
      delivery.deliver('interactive', payloads.closedPayload(world, view, cleared), options),
    ),
  );
  const [first] = results;
  return first ? result(first, []) : NOT_SENT;
}

/** What a person reads in place of options. */
export const NOTHING_FOUND = 'No results found';

export interface SuggestResult extends ActResult {
  options: Option[];
  /** The same under their headings. Options without a group have the heading ''. */
  groups: { heading: string; options: Option[] }[];
  /** What the list shows if there are no options. */
  notice: string;
}

export async function suggest(
  context: ActContext,
  user: string,
  place: payloads.Place,
  asked: { block_id: string; action_id: string; value: string },
  options: DeliverOptions,
): Promise<SuggestResult> {
  const payload = payloads.suggestionPayload(context, user, place, asked);
  const delivered = await context.delivery.deliver('interactive', payload, options);
  const ack = delivered.first.payload ?? {};
  const problems: string[] = [];
  if (delivered.first.acked)
    checkChoices((at, problem) => problems.push(`${problem} [json-pointer:${at}]`), '', ack, 0);
  const { options: loose = [], option_groups: headed = [] } = ack as Pick<
    Element,
    'options' | 'option_groups'
  >;
  const offered = [
    { heading: '', options: loose },
    ...headed.map(({ label, options }) => ({ heading: label.text, options })),
  ];
  const groups = problems.length === 0 ? offered.filter(({ options }) => options.length > 0) : [];
  const shown = groups.flatMap(({ options }) => options);
  const notice = shown.length === 0 ? NOTHING_FOUND : '';
  return { ...result(delivered, problems), options: shown, groups, notice };
}

export async function shortcut(
  context: ActContext,
  user: string,
  used: { callback_id: string; conversation: string | undefined },
  options: DeliverOptions,
): Promise<ActResult> {
  const payload = payloads.shortcutPayload(context, user, used);
  const delivered = await context.delivery.deliver('interactive', payload, options);
  return { ...result(delivered, []), trigger: String(payload['trigger_id']) };
}

export async function openHome(
  context: ActContext,
  user: string,
  tab: payloads.Tab,
  options: DeliverOptions,
): Promise<ActResult> {
  const { events, homeTab } = context.world.settings;
  if (tab === 'home' && !homeTab) throw new Error('The app has no Home tab');
  if (!events.includes('app_home_opened')) return NOT_SENT;
  const payload = payloads.homeOpenedPayload(context.world, user, tab);
  return result(await context.delivery.deliver('events_api', payload, options), []);
}

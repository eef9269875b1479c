/** Does in the workspace what a person does in Slack. Nothing here reaches into the app. */

import { type ActResult, NOTHING_FOUND, type OpenView, type Person, type Workspace } from '../../fakes/slack';
import { INVITE, invite } from '../invite';
import type { Field, PersonAct } from './act';
import { PageRefusal } from './errors';
import { type Element, type Held, nameOf } from './field';
import { type Entry, entriesOf, heldValue, isExternal } from './menus';
import { APP_NAME } from './people';

interface Suggested extends Entry {
  description?: string;
  /** Of the group that begins with this option. */
  heading?: string;
}

export interface ActReply {
  /** Shown for a moment, as a message of Slack's client would be. */
  notice?: string;
  /** What a menu offers for what was typed. `on`: it is chosen already. */
  options?: (Suggested & { on: boolean })[];
  /** Shown in a menu that offers nothing. */
  empty?: string;
  /** The fields of a submission that have errors. */
  wrong?: string[];
}

/** Slack's client escapes what a person types: `<!channel>` typed by hand pings nobody. */
const asTyped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function own(
  person: Person,
  id: string | undefined,
  home: Readonly<OpenView> | undefined,
): Readonly<OpenView> {
  const view = [person.modal(), home].find((one) => one !== undefined && one.id === id);
  if (!view) throw new PageRefusal(409, 'That window is not open any more, or is not yours.');
  return view;
}

/** A field of the view, by the name that the page gives it. */
function fieldOf(
  { blocks, values }: Readonly<OpenView>,
  name: string,
): { element: Element; held: Held } | undefined {
  for (const block of blocks) {
    const { element, accessory, elements = [], block_id = '' } = block;
    for (const one of [element, accessory, ...elements]) {
      if (one && nameOf(block, one) === name)
        return { element: one, held: values[block_id]?.[one.action_id ?? ''] };
    }
  }
  return undefined;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? '') === JSON.stringify(b ?? '');

/** Fills in what the person has typed. Fields that did not change are left alone. */
async function fillAll(person: Person, view: Readonly<OpenView>, fields: readonly Field[]): Promise<void> {
  for (const { name, value } of fields) {
    if (same(heldValue(fieldOf(view, name)?.held), value)) continue;
    await person.fill(name, value === '' ? null : value, { ...surfaceOf(view), enter: false });
  }
}

const surfaceOf = ({ type }: Readonly<OpenView>) => (type === 'home' ? ({ view: 'home' } as const) : {});

const answered = ({ acked, error }: ActResult): ActReply =>
  acked || error === 'not_sent'
    ? {}
    : { notice: `${APP_NAME} did not answer (${error ?? 'no answer'}). Try again?` };

/** While Slack is down, the person's acts still reach the app, but its answers are lost. */
const unlessDown = ({ isDown }: Workspace, reply: ActReply): ActReply =>
  isDown ? { notice: `Slack is down: ${APP_NAME} cannot answer until it is back.`, ...reply } : reply;

async function send(workspace: Workspace, person: Person, channel: string, text: string): Promise<ActReply> {
  const seen = workspace.snapshot(person.id).channels.find(({ id }) => id === channel);
  if (!seen?.isMember) throw new PageRefusal(403, 'You are not in that channel.');
  const [, command, rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  // If a command fails, the workspace shows a private message from Slackbot.
  if (command === INVITE) invite(workspace, person, channel, rest);
  else if (command !== undefined) {
    const { acked, payload = {} } = await person.command(rest.trim(), { channel, command });
    if (acked && Object.keys(payload).length === 0) return unlessDown(workspace, {});
  } else person.say(asTyped(text), { channel });
  return {};
}

async function suggest(
  workspace: Workspace,
  person: Person,
  view: Readonly<OpenView>,
  { name, query }: Extract<PersonAct, { act: 'suggest' }>,
): Promise<ActReply> {
  const { element, held } = fieldOf(view, name) ?? {};
  if (!element) throw new PageRefusal(409, 'There is no such menu.');
  const chosen = new Set([heldValue(held)].flat());
  const marked = (all: readonly Suggested[], empty: string): ActReply => ({
    options: all.map((one) => ({ ...one, on: chosen.has(one.value) })),
    empty,
  });
  if (isExternal(element)) {
    const { groups, notice } = await person.suggest(name, query, surfaceOf(view));
    const found = groups.flatMap(({ heading, options }) =>
      options.map(
        (one, i): Suggested => ({
          ...{ value: one.value ?? '', text: one.text.text },
          ...(one.description && { description: one.description.text }),
          ...(i === 0 && heading !== '' && { heading }),
        }),
      ),
    );
    return unlessDown(workspace, marked(found, notice));
  }
  const all = entriesOf(element, workspace.snapshot(person.id));
  const fits = all.filter(({ text }) => text.toLowerCase().includes(query.toLowerCase()));
  return marked(fits, NOTHING_FOUND);
}

/** Adds one choice to those of a menu, or takes it away. */
async function choose(
  person: Person,
  view: Readonly<OpenView>,
  { name, value, on }: Extract<PersonAct, { act: 'choose' }>,
): Promise<ActReply> {
  const others = [heldValue(fieldOf(view, name)?.held)].flat().filter((one) => one !== '' && one !== value);
  return answered(await person.fill(name, on ? [...others, value] : others, surfaceOf(view)));
}

export async function doAct(workspace: Workspace, act: PersonAct): Promise<ActReply> {
  const person = workspace.person(act.user);
  const home = workspace.home(act.user);
  switch (act.act) {
    case 'send':
      return send(workspace, person, act.channel, act.text);
    case 'join':
      workspace.setMember(act.channel, act.user, true);
      return {};
    case 'click': {
      const { action, block, option } = act;
      const which = { ...(block !== undefined && { block }), ...(option !== undefined && { option }) };
      if (act.message !== undefined) {
        const clicked = await person.click(action, { ...which, message: act.message });
        return unlessDown(workspace, answered(clicked));
      }
      const view = own(person, act.view, home);
      await fillAll(person, view, act.values);
      return unlessDown(workspace, answered(await person.click(action, { ...which, view: view.type })));
    }
    case 'change': {
      // A submission carries every field, and can overtake a change: Enter causes both. Late changes are dropped.
      const view = [person.modal(), home].find((one) => one?.id === act.view);
      const { name, value } = act.field;
      if (!view || !fieldOf(view, name)) return {};
      if (act.enter) return answered(await person.fill(name, value || null, surfaceOf(view)));
      await fillAll(person, view, [act.field]);
      return {};
    }
    case 'suggest': {
      return suggest(workspace, person, own(person, act.view, home), act);
    }
    case 'choose':
      return choose(person, own(person, act.view, home), act);
    case 'shortcut': {
      const used = await person.shortcut(act.shortcut, { channel: act.channel });
      return unlessDown(workspace, answered(used));
    }
    case 'submit': {
      await fillAll(person, own(person, act.view, undefined), act.values);
      const { errors } = await person.submit();
      return errors ? { wrong: Object.keys(errors) } : unlessDown(workspace, {});
    }
    case 'close':
      own(person, act.view, undefined);
      return answered(await person.close());
    case 'home':
      await person.openHome({ tab: act.tab });
      return {};
  }
}

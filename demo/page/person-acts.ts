/** Does in the workspace what a person does in Slack. Nothing here reaches into the app. */

import type { ActResult, OpenView, Person, Workspace } from '../../fakes/slack';
import { INVITE, invite } from '../invite';
import type { Field, PersonAct } from './act';
import { PageRefusal } from './errors';
import { APP_NAME } from './people';

export interface ActReply {
  /** Shown for a moment, as a message of Slack's client would be. */
  notice?: string;
  options?: { value: string; text: string }[];
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

/** The workspace's value of a field, in the form that the page sends. */
function held(view: Readonly<OpenView>, name: string): Field['value'] {
  const values = Object.entries(view.values);
  const [, inBlock] = values.find(([block]) => block === name) ?? [];
  const value = inBlock ? Object.values(inBlock)[0] : values.map(([, one]) => one[name]).find((one) => one);
  if (value?.selected_options) return value.selected_options.map((one) => one.value ?? '');
  return String(
    value?.selected_option?.value ??
      value?.value ??
      value?.['selected_date'] ??
      value?.['selected_time'] ??
      '',
  );
}

const hasField = (view: Readonly<OpenView>, name: string): boolean =>
  Object.entries(view.values).some(([block, fields]) => block === name || name in fields);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? '') === JSON.stringify(b ?? '');

/** Fills in what the person has typed. Fields that did not change are left alone. */
async function fillAll(person: Person, view: Readonly<OpenView>, fields: readonly Field[]): Promise<void> {
  for (const { name, value } of fields) {
    if (!same(held(view, name), value)) await person.fill(name, value === '' ? null : value, surfaceOf(view));
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
      if (act.message !== undefined)
        return unlessDown(workspace, answered(await person.click(act.action, { message: act.message })));
      const view = own(person, act.view, home);
      await fillAll(person, view, act.values);
      return unlessDown(workspace, answered(await person.click(act.action, { view: view.type })));
    }
    case 'change': {
      // A submission carries every field, and can overtake a change: Enter causes both. Late changes are dropped.
      const view = [person.modal(), home].find((one) => one?.id === act.view);
      if (view && hasField(view, act.field.name)) await fillAll(person, view, [act.field]);
      return {};
    }
    case 'suggest': {
      own(person, act.view, home);
      const { options } = await person.suggest(act.name, act.query);
      return { options: options.map((one) => ({ value: one.value ?? '', text: one.text.text })) };
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
      await person.openHome();
      return {};
  }
}

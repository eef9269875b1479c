/** What the parts of Block Kit have in common: texts, and the attributes by which the client finds a field. */
import type { OpenView } from '../../fakes/slack';
import { type Html, html, NOTHING } from './html';
import { type Look, mrkdwn, plainText } from './mrkdwn';

export type Blocks = OpenView['blocks'];
export type Block = Blocks[number];
export type Element = NonNullable<Block['element']>;
export type Values = OpenView['values'];
export type Held = Values[string][string] | undefined;

export const textOf = (text: { text: string } | string | undefined): Html =>
  typeof text === 'string' ? html`${text}` : text ? plainText(text) : NOTHING;

export const rich = (look: Look, text: unknown): Html => {
  const one = text as { type: string; text: string } | string | null | undefined;
  if (!one || typeof one === 'string') return html`${one}`;
  return one.type === 'mrkdwn' ? mrkdwn(look, one.text) : plainText(one);
};

export interface Field {
  id: string;
  /** The workspace finds it by this. @see nameOf */
  name: string;
  view: string;
  described: string;
  required: boolean;
  /** What it is called if no label belongs to it. */
  label: string | undefined;
}

/** An input is named by its block's ID, as in the errors of a submission. Other blocks can have several elements. */
export const nameOf = ({ type, block_id = '' }: Block, { action_id = '' }: Element): string =>
  type === 'input' ? block_id : `${block_id}/${action_id}`;

export const attributes = ({ id, name, view, described, required, label }: Field): Html =>
  html`id="${id}" data-field="${name}" data-view="${view}" ${label !== undefined && html`aria-label="${label}"`} ${described !== '' && html`aria-describedby="${described}"`} ${required && html`aria-required="true"`}`;

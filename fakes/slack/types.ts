/**
 * The shapes that the fake workspace stores and hands out.
 *
 * Block Kit arrives as JSON from the app, so the shapes here are loose on purpose: `block-kit.ts` decides what is
 * well formed, and other files rely on that. Field names are Slack's (read in @slack/types and in
 * bolt/dist/types), so that a payload can be built by copying.
 */
import type { types } from '@slack/bolt';

export type Obj = Record<string, unknown>;
export type AnyBlock = types.KnownBlock | types.Block;

export interface Text {
  type: string;
  text: string;
}

export interface Option {
  text: Text;
  value?: string;
  description?: Text;
}

/** A block element: a button, a menu, an input. */
export interface Element {
  type: string;
  action_id?: string;
  text?: Text | string;
  value?: string;
  url?: string;
  alt_text?: string;
  style?: string;
  options?: Option[];
  option_groups?: { label: Text; options: Option[] }[];
  placeholder?: Text;
  confirm?: { title?: Text; text: Text; confirm?: Text; deny?: Text; style?: string };
  min_length?: number;
  max_length?: number;
  /** Of a menu that asks the app for its options. */
  min_query_length?: number;
  max_selected_items?: number;
  filter?: { include?: string[]; exclude_external_shared_channels?: boolean; exclude_bot_users?: boolean };
  default_to_current_conversation?: boolean;
  response_url_enabled?: boolean;
  dispatch_action_config?: { trigger_actions_on?: string[] };
  [field: `initial_${string}`]: unknown;
}

export interface Block {
  type: string;
  block_id?: string;
  text?: Text | string;
  fields?: Text[];
  accessory?: Element;
  elements?: Element[];
  element?: Element;
  label?: Text;
  hint?: Text;
  title?: Text;
  alt_text?: string;
  optional?: boolean;
  dispatch_action?: boolean;
}

/** One input's value as Slack reports it in `state.values[block_id][action_id]`. */
export interface StateValue {
  type: string;
  value?: string | null;
  selected_option?: Option | null;
  selected_options?: Option[];
  [field: `selected_${string}`]: unknown;
}

export type StateValues = Record<string, Record<string, StateValue>>;

export interface Metadata {
  event_type: string;
  event_payload: Obj;
}

/** What a message looked like before an edit. */
export interface Edit {
  at: number;
  text: string;
  blocks: Block[];
  metadata?: Metadata | undefined;
}

/** Never changed in place: an edit stores a new object, so references to the old one stay valid. */
export interface StoredMessage {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  /** True when the app wrote it: only such a message can be updated or deleted by the app. */
  readonly fromApp: boolean;
  readonly text: string;
  readonly blocks: Block[];
  readonly thread_ts?: string | undefined;
  readonly metadata?: Metadata | undefined;
  /** Earlier versions, oldest first. */
  readonly edits: readonly Edit[];
  readonly at: number;
}

export interface MessageInThread extends StoredMessage {
  readonly replies: readonly StoredMessage[];
}

/** Seen by one person only. `from: 'slack'` is Slackbot's own error, e.g. "failed with the error …". */
export interface Ephemeral {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: Block[];
  readonly from: 'app' | 'slack';
  readonly at: number;
  readonly replaced: number;
}

/** A modal or a Home tab that is open in front of one person. */
export interface OpenView {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly user: string;
  /** The conversation that the person was looking at when the modal opened. */
  readonly conversation: string | undefined;
  readonly rootId: string;
  readonly previousId: string | null;
  hash: string;
  title: Text | null;
  submit: Text | null;
  close: Text | null;
  blocks: Block[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
  values: StateValues;
  /** Shown under an input: the app's `response_action: errors`, or Slack's own check. */
  errors: Record<string, string>;
  /** Shown across the modal, e.g. when a submit was not acknowledged. */
  notice: string;
  /** How often it was replaced by views.update or `response_action: update`. */
  updates: number;
}

export interface CallRecord {
  readonly n: number;
  readonly at: number;
  readonly method: string;
  /** The name in the address that was called; see `urlFor`. */
  readonly caller: string | null;
  readonly args: Obj;
  ok: boolean | undefined;
  error?: string;
  status?: number;
  /** The injected fault that this call met. */
  fault?: string;
  /** Whether the call took effect, although the app may have got another answer. */
  effect: boolean;
}

export interface Change {
  readonly kind: 'message' | 'ephemeral' | 'view' | 'home' | 'connection' | 'reset';
  readonly user?: string;
  readonly channel?: string;
  readonly id?: string;
}

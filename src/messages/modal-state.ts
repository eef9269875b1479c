import { z } from 'zod';

/** One training in a modal. */
export interface ModalItem {
  trainingId: string;
  /** The request that the modal asks to confirm. */
  requestId?: string | undefined;
  /** The fingerprint of the plan that is shown. */
  shown?: string | undefined;
  /** The request that is repeated. */
  retryOf?: string | undefined;
}

/** What a modal remembers. Slack hands it back with each click, so that handlers keep no state. */
export interface ModalState {
  channel: string;
  environment: string;
  items: ModalItem[];
  /** A reason that was typed before, while the modal has no input for it. */
  draft?: string | undefined;
}

/** The most that Slack takes. @see https://docs.slack.dev/reference/views/modal-views */
const LIMIT = 3_000;

// Twenty trainings with all their IDs must fit, so each is a list without keys.
const text = z.string();
const stateSchema = z.object({
  channel: text,
  environment: text,
  items: z.array(z.tuple([text, text, text, text])).max(20),
  draft: text.optional(),
});

/** The `private_metadata` of a modal. Leaves the draft out when it doesn't fit. */
export function writeModalState({ items, draft, ...rest }: ModalState): string {
  const listed = items.map(({ trainingId, requestId = '', shown = '', retryOf = '' }) => [
    ...[trainingId, requestId, shown, retryOf],
  ]);
  const full = JSON.stringify({ ...rest, items: listed, draft });
  return full.length <= LIMIT ? full : JSON.stringify({ ...rest, items: listed });
}

/** Reads a modal's `private_metadata`. Undefined when it is not ours, or an older version wrote it. */
export function readModalState(privateMetadata: string): ModalState | undefined {
  try {
    const { items, ...rest } = stateSchema.parse(JSON.parse(privateMetadata));
    const read = ([trainingId, ...ids]: (typeof items)[number]): ModalItem => {
      const [requestId, shown, retryOf] = ids.map((id) => id || undefined);
      return { trainingId, requestId, shown, retryOf };
    };
    return { ...rest, items: items.map(read) };
  } catch {
    return undefined;
  }
}

/** For a modal that no longer asks: closing it must not cancel what was confirmed. */
export const withoutRequests = (state: ModalState): ModalState => ({
  ...state,
  items: state.items.map(({ trainingId, retryOf }) => ({ trainingId, retryOf })),
});

/** For the log, which does not keep what people typed. */
export const withoutDraft = ({ draft: _typed, ...rest }: ModalState): ModalState => rest;

/** Keeps a typed reason for when the modal asks again. */
export const withDraft = (state: ModalState, reason: string): ModalState =>
  reason === '' ? state : { ...state, draft: reason };

/** The trainings of a modal as the use case takes them. */
export const targetsOf = ({ environment, items }: ModalState) =>
  items.map(({ trainingId, retryOf }) => ({ environment, trainingId, retryOf }));

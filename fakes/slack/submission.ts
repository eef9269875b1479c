/**
 * Submitting a modal.
 *
 * Imitated (docs "Modals"): an empty ack closes that view, `response_action` update, push, clear and errors work as
 * documented; without an ack in time the modal stays open with a notice. Guessed: the text of the notice; a
 * `response_action` that Slack cannot use (a bad view, an error for a block that is not there) shows the notice too.
 */
import { type ActContext, type ActResult, result } from './acts';
import { type Problem, viewProblems } from './block-kit';
import { isObj } from './block-kit-text';
import type { DeliverOptions } from './delivery';
import { submissionPayload } from './payloads';
import type { Obj, OpenView, StateValues } from './types';
import { MAX_DEPTH, newView, setStack, stackOf, updateView } from './view-state';

export const TROUBLE = 'We had some trouble connecting. Try again?';

export interface SubmitResult extends ActResult {
  response_action?: string;
  errors?: Record<string, string>;
  /** Slack's own check stopped the form; it was not sent to the app. */
  heldBack: boolean;
}

const asText = ({ at, problem }: Problem): string => `${problem} [json-pointer:/view${at}]`;

/** Applies the app's ack of a submission to the screen. Returns what is wrong with the ack. */
function applySubmission({ world }: ActContext, view: OpenView, ack: Obj): string[] {
  const stack = stackOf(world, view.user);
  // The person has closed it by now, or a copy of the same submission was answered first.
  if (!stack.includes(view)) return [];
  const action = ack['response_action'];
  if (action === undefined) {
    setStack(
      world,
      view.user,
      stack.filter((one) => one !== view),
    );
    return [];
  }
  if (action === 'clear') {
    setStack(world, view.user, []);
    return [];
  }
  if (action === 'errors') {
    const errors = isObj(ack['errors']) ? (ack['errors'] as Record<string, string>) : {};
    const inputs = view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id);
    const stray = Object.keys(errors).filter((id) => !inputs.includes(id));
    if (stray.length > 0) return stray.map((id) => `no input block ${id} to show an error at`);
    if (Object.keys(errors).length === 0) return ['errors must not be empty'];
    Object.assign(view, { errors, notice: '' });
    world.changed({ kind: 'view', user: view.user, id: view.id });
    return [];
  }
  if (action !== 'update' && action !== 'push') return [`unknown response_action ${String(action)}`];
  const raw = ack['view'];
  if (!isObj(raw)) return ['missing required field [json-pointer:/view]'];
  const problems = viewProblems(raw).map(asText);
  if (problems.length > 0) return problems;
  if (action === 'update') updateView(world, view, raw);
  else if (stack.length >= MAX_DEPTH) return ['push_limit_reached'];
  else setStack(world, view.user, [...stack, newView(world, view, raw, view)]);
  return [];
}

export async function submit(
  context: ActContext,
  view: OpenView,
  values: StateValues,
  options: DeliverOptions,
): Promise<SubmitResult> {
  const { world, delivery } = context;
  const problems: string[] = [];
  Object.assign(view, { errors: {}, notice: '' });
  const payload = submissionPayload(context, view, structuredClone(values));
  const delivered = await delivery.deliver('interactive', payload, options, (ack) => {
    problems.push(...(ack.acked ? applySubmission(context, view, ack.payload ?? {}) : []));
    if (ack.acked && problems.length === 0) return;
    view.notice = TROUBLE;
    world.changed({ kind: 'view', user: view.user, id: view.id });
  });
  const ack = delivered.first.payload ?? {};
  const { response_action: action, errors } = ack;
  return {
    ...result(delivered, problems),
    heldBack: false,
    ...(action === undefined ? {} : { response_action: String(action) }),
    ...(errors === undefined ? {} : { errors: errors as Record<string, string> }),
  };
}

/**
 * views.open, views.push, views.update, views.publish.
 *
 * Refusals read in Slack's pages of these methods: expired_trigger_id (3 seconds), exchanged_trigger_id (used once),
 * invalid_trigger_id, hash_conflict, not_found, push_limit_reached (3), duplicate_external_id, view_too_large
 * (250 kB), not_enabled (a Home tab that the manifest turns off), `invalid_arguments` with "invalid `user_id`". A view
 * of the wrong shape is `invalid_arguments` with pointers below /view. Guessed: the view is checked before the trigger,
 * so a bad view does not use the trigger up; views.push with a trigger that comes from no modal, or from one that has
 * closed, is `not_found`; a `hash` for a Home tab that was never published is ignored.
 */
import { viewProblems } from './block-kit';
import { isObj } from './block-kit-text';
import { json, optional, refuse, refuseArguments, required } from './refusal';
import type { Obj, OpenView } from './types';
import { findView, MAX_DEPTH, newView, setStack, stackOf, updateView, viewPayload } from './view-state';
import type { Trigger, World } from './world';

const MAX_BYTES = 250_000;

function readView(world: World, args: Obj, type: 'modal' | 'home', own?: OpenView): Obj {
  const view = json(args, 'view', 'invalid_arguments');
  if (!isObj(view)) return refuseArguments([{ at: '/view', problem: 'missing required field: view' }]);
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_BYTES) refuse('view_too_large');
  const problems = viewProblems(view);
  if (view['type'] !== type) problems.push({ code: 'invalid_view', at: '/type', problem: `must be ${type}` });
  if (problems.length > 0) refuseArguments(problems, '/view');
  const external = view['external_id'];
  if (external && findView(world, (one) => one.external_id === external && one !== own)) {
    refuse('duplicate_external_id');
  }
  return view;
}

function redeem(world: World, args: Obj): Trigger {
  const trigger = world.triggers.get(required(args, 'trigger_id'));
  if (!trigger) return refuse('invalid_trigger_id');
  if (trigger.used) refuse('exchanged_trigger_id');
  if (world.now() > trigger.expires) refuse('expired_trigger_id');
  trigger.used = true;
  return trigger;
}

function checkHash(args: Obj, view: OpenView | undefined): void {
  const hash = optional(args, 'hash');
  if (hash !== undefined && view && hash !== view.hash) refuse('hash_conflict');
}

export function viewsOpen(world: World, args: Obj): Obj {
  const raw = readView(world, args, 'modal');
  const { user, conversation } = redeem(world, args);
  const view = newView(world, { user, conversation }, raw);
  setStack(world, user, [view]);
  return { view: viewPayload(world, view) };
}

export function viewsPush(world: World, args: Obj): Obj {
  const raw = readView(world, args, 'modal');
  const { user, view: origin } = redeem(world, args);
  const stack = stackOf(world, user);
  const top = stack.at(-1);
  if (!top || !stack.some((view) => view.id === origin)) return refuse('not_found');
  if (stack.length >= MAX_DEPTH) refuse('push_limit_reached');
  const view = newView(world, top, raw, top);
  setStack(world, user, [...stack, view]);
  return { view: viewPayload(world, view) };
}

export function viewsUpdate(world: World, args: Obj): Obj {
  const id = optional(args, 'view_id');
  const external = optional(args, 'external_id');
  if (!id && !external) refuseArguments([{ at: '/view_id', problem: 'view_id or external_id is required' }]);
  const view = findView(world, (one) => (id ? one.id === id : one.external_id === external));
  const raw = readView(world, args, view?.type ?? 'modal', view);
  if (!view) return refuse('not_found');
  checkHash(args, view);
  updateView(world, view, raw);
  return { view: viewPayload(world, view) };
}

export function viewsPublish(world: World, args: Obj): Obj {
  const user = required(args, 'user_id');
  const open = world.homes.get(user);
  const raw = readView(world, args, 'home', open);
  if (!world.settings.people.some((person) => person.id === user))
    refuse('invalid_arguments', { response_metadata: { messages: ['invalid `user_id`'] } });
  if (!world.settings.homeTab) refuse('not_enabled');
  checkHash(args, open);
  if (open) updateView(world, open, raw);
  else world.homes.set(user, newView(world, { user, conversation: undefined }, raw));
  const view = world.homes.get(user) as OpenView;
  if (!open) world.changed({ kind: 'home', user, id: view.id });
  return { view: viewPayload(world, view) };
}

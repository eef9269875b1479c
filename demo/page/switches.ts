/**
 * What can go wrong, as switches. Each does it in the pretend Slack or the pretend Toloka; the app is told nothing.
 */
import type { Workspace } from '../slack';
import { DEMO_TRAININGS, type TolokaAccount } from '../toloka';
import { BOT } from './people';

export interface Switch {
  readonly id: string;
  readonly label: string;
  readonly about: string;
  isOn(): boolean;
  set(on: boolean): Promise<void> | void;
}

/** Long enough to watch, short enough to wait for. */
const SLOW_MS = 30_000;
const FAILS: string[] = [DEMO_TRAININGS.fails.id];
const OWN_PACE: string[] = [DEMO_TRAININGS.slow.id, DEMO_TRAININGS.endless.id];

type Rule = Parameters<TolokaAccount['faults']['add']>[0];

export function createSwitches(workspace: Workspace, account: TolokaAccount): Switch[] {
  const asBot = () => workspace.snapshot(BOT).channels.filter(({ isMember }) => isMember);
  const [home] = asBot();
  const simple = (
    id: string,
    label: string,
    about: string,
    apply: (on: boolean) => Promise<void> | void,
  ): Switch => {
    let isOn = false;
    return {
      ...{ id, label, about, isOn: () => isOn },
      async set(on) {
        await apply(on);
        isOn = on;
      },
    };
  };
  const fault = (id: string, label: string, about: string, rule: Rule): Switch => {
    let added = '';
    return {
      ...{ id, label, about, isOn: () => account.faults.list().some((one) => one.id === added) },
      set(on) {
        account.faults.remove(added);
        if (on) added = account.faults.add({ times: Number.POSITIVE_INFINITY, ...rule });
      },
    };
  };
  const each = (except: readonly string[], patch: Parameters<TolokaAccount['updateTraining']>[1]) => {
    for (const { id } of account.trainings()) if (!except.includes(id)) account.updateTraining(id, patch);
  };

  // Not remembered but looked up: `/invite` brings the app back too.
  const membership = ({ id, name }: { id: string; name: string }): Switch => ({
    ...{ id: 'bot', label: `App is not in #${name}`, about: 'The app leaves the channel, or comes back.' },
    isOn: () => !asBot().some((one) => one.id === id),
    set: (on) => workspace.setMember(id, 'bot', !on),
  });

  return [
    simple('fails', 'Archives fail', 'Toloka accepts the archive; its operation ends with FAIL.', (on) =>
      each(FAILS, { archiveOutcome: { status: on ? 'FAIL' : 'SUCCESS' } }),
    ),
    simple('slow', 'Archives are slow', 'The next archives take half a minute.', (on) =>
      // The row's own default is no value at all, which the type of a patch has no word for.
      each(OWN_PACE, { operationMs: on ? SLOW_MS : (undefined as unknown as number) }),
    ),
    fault('lost', 'Answer to the POST is lost', 'Toloka starts the archive; its answer never arrives.', {
      ...{ method: 'POST', path: '/archive', fault: { kind: 'lost' } },
    }),
    fault('cut', 'POST breaks off on its way', 'Toloka never gets the request, and the app cannot know.', {
      ...{ method: 'POST', path: '/archive', fault: { kind: 'reset', when: 'before' } },
    }),
    fault('busy', 'Toloka says 429', 'Too many requests: Toloka asks to come back in two seconds.', {
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
    }),
    simple('toloka', 'Toloka is down', 'No connection to Toloka comes about.', (on) => account.down(on)),
    simple('slack', 'Slack is down', 'Every call of the app to Slack breaks off without effect.', (on) =>
      workspace.down(on),
    ),
    simple('twice', 'Slack delivers twice', 'Every command, click and submit reaches the app twice.', (on) =>
      workspace.redeliverEach(on ? 1 : 0),
    ),
    ...(home ? [membership(home)] : []),
  ];
}

/**
 * What can go wrong, as switches. Each one acts on the fake Slack or on all fake Toloka accounts. The app does not know of it.
 */
import type { Workspace } from '../../fakes/slack';
import { DEMO_TRAININGS, type TolokaAccount } from '../../fakes/toloka';
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

export function createSwitches(workspace: Workspace, accounts: readonly TolokaAccount[]): Switch[] {
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
    const added = new Map<TolokaAccount, string>();
    const isIn = (account: TolokaAccount) =>
      account.faults.list().some((one) => one.id === added.get(account));
    return {
      ...{ id, label, about, isOn: () => accounts.some(isIn) },
      set(on) {
        for (const account of accounts) {
          account.faults.remove(added.get(account) ?? '');
          if (on) added.set(account, account.faults.add({ times: Number.POSITIVE_INFINITY, ...rule }));
        }
      },
    };
  };
  const each = (except: readonly string[], patch: Parameters<TolokaAccount['updateTraining']>[1]) => {
    for (const account of accounts)
      for (const { id } of account.trainings()) if (!except.includes(id)) account.updateTraining(id, patch);
  };

  // Looked up each time, because `/invite` also adds the app to the channel.
  const membership = ({ id, name }: { id: string; name: string }): Switch => ({
    ...{ id: 'bot', label: `App is not in #${name}`, about: 'The app leaves the channel.' },
    isOn: () => !asBot().some((one) => one.id === id),
    set: (on) => workspace.setMember(id, 'bot', !on),
  });

  return [
    simple('fails', 'Archiving fails', 'Toloka accepts the request, but its operation fails.', (on) =>
      each(FAILS, { archiveOutcome: { status: on ? 'FAIL' : 'SUCCESS' } }),
    ),
    simple('slow', 'Archiving is slow', 'Each new operation takes half a minute.', (on) =>
      // `undefined` restores the account's default, but the type of a patch does not allow it.
      each(OWN_PACE, { operationMs: on ? SLOW_MS : (undefined as unknown as number) }),
    ),
    fault('lost', 'Answer is lost', 'Toloka starts archiving, but its answer never arrives.', {
      ...{ method: 'POST', path: '/archive', fault: { kind: 'lost' } },
    }),
    fault(
      'cut',
      'Request is lost',
      'The archive request never reaches Toloka, and the app cannot know that.',
      {
        ...{ method: 'POST', path: '/archive', fault: { kind: 'reset', when: 'before' } },
      },
    ),
    fault('busy', 'Too many requests', 'Toloka answers 429 and asks the app to come back in two seconds.', {
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
    }),
    simple('toloka', 'Toloka is down', 'Toloka refuses every connection.', async (on) => {
      for (const account of accounts) await account.down(on);
    }),
    simple('slack', 'Slack is down', 'Every call from the app to Slack fails without effect.', (on) =>
      workspace.down(on),
    ),
    simple(
      'twice',
      'Slack delivers twice',
      'Every command, click and submission reaches the app twice.',
      (on) => workspace.redeliverEach(on ? 1 : 0),
    ),
    ...(home ? [membership(home)] : []),
  ];
}

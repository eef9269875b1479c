/** The help text of the prompt. */

import { aboutOf, linkedPools, notArchived, type TolokaAccount } from '../fakes/toloka';
import type { PromptOptions } from './prompt';

const CHECK_RECEIPT = 'npm run -s audit -- verify <request> --receipt <receipt>';

export function help({ demo, terminal, page }: Pick<PromptOptions, 'demo' | 'terminal' | 'page'>): void {
  terminal.say('*In Slack*');
  terminal.say(
    '  /toloka-archive 123465   archive a training: a window shows the plan and asks you to confirm',
  );
  terminal.say('  /toloka-archive 123465 sandbox   the same in Toloka’s sandbox, which has the same IDs.');
  terminal.say(
    '                           There another person must approve: then be Bob, and press Approve',
  );
  terminal.say('  /toloka-archive help     the help text of the app');
  terminal.say('  /invite                  add the app to the channel that you are in');
  const { homeTab, shortcuts } = demo.workspace.snapshot('');
  if (homeTab) terminal.say('  home                     open the app’s Home tab');
  for (const { name, description } of shortcuts)
    terminal.say(`  shortcut ${name.padEnd(15)} ${description ?? ''}`.trimEnd());
  if (page)
    terminal.say(
      '  Try again                press a button by its name (faults on the page lead to this one)',
    );
  terminal.say('*In the demo*');
  terminal.say('  show                     show the messages in the channels');
  terminal.say('  as bob, as alice         be another person: Bob may approve, but not archive');
  terminal.say('  in random, in ops        type in another channel: the app is not in #random yet');
  terminal.say('  kill                     kill the app at any moment and start it again');
  terminal.say('  log                      show the last lines of the app’s log');
  if (page) terminal.say(`  ${page}  the same in a browser, with faults to switch on`);
  terminal.say('  quit                     end the demo');
  terminal.say('*Check a receipt* in another terminal, with the request and receipt from the end of a card');
  terminal.log([`DATABASE_URL= JOURNAL_PATH=${demo.journalPath} ${CHECK_RECEIPT}`]);
  terminal.say('*The trainings in this account*');
  for (const line of trainings(demo.account)) terminal.say(line);
}

function trainings(account: TolokaAccount): string[] {
  return account.trainings().map((training) => {
    const pools = linkedPools(account, training.id);
    const open = pools.length === 0 ? '' : `, ${notArchived(pools)} of ${pools.length} pools not archived`;
    const about =
      aboutOf(account, training) ?? `Changed since the start: ${training.status.toLowerCase()}${open}.`;
    return `  ${training.id}  ${about}`;
  });
}

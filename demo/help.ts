/** What there is to try at the prompt. */
import type { PromptOptions } from './prompt';
import { aboutOf, linkedPools, notArchived, type TolokaAccount } from './toloka';

const CHECK_RECEIPT = 'npm run -s audit -- verify <request> --receipt <receipt>';

export function help({ demo, terminal, page }: Pick<PromptOptions, 'demo' | 'terminal' | 'page'>): void {
  terminal.say('*In Slack*');
  terminal.say(
    '  /toloka-archive 123465   ask to archive a training; the window opens and asks for the rest',
  );
  terminal.say('  /toloka-archive help     what the app says about itself');
  terminal.say('  /invite                  bring the app into the channel that you are in');
  if (page)
    terminal.say(
      '  Try again                press a button by its name; switches on the page bring this one',
    );
  terminal.say('*Around it*');
  terminal.say('  show                     what is in the channels');
  terminal.say('  as bob, as alice         be somebody else: Bob may not archive');
  terminal.say('  in random, in ops        type in another channel: the app was never invited to #random');
  terminal.say('  kill                     kill the app and start it again, in the middle of anything');
  terminal.say('  log                      the app’s last lines');
  if (page) terminal.say(`  ${page}  the page: the same in a browser, and what can go wrong`);
  terminal.say('  quit                     end the demo');
  terminal.say('*Check a receipt*, in another terminal, with what stands at the end of a card');
  terminal.log([`DATABASE_URL= JOURNAL_PATH=${demo.journalPath} ${CHECK_RECEIPT}`]);
  terminal.say('*The trainings in this account*');
  for (const line of trainings(demo.account)) terminal.say(line);
}

function trainings(account: TolokaAccount): string[] {
  return account.trainings().map((training) => {
    const pools = linkedPools(account, training.id);
    const open = pools.length === 0 ? '' : `, ${notArchived(pools)} of ${pools.length} pools not archived`;
    const about = aboutOf(account, training) ?? `Changed since the start: ${training.status}${open}.`;
    return `  ${training.id}  ${about}`;
  });
}

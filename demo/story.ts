import { ALICE, type Demo, GENERAL } from './start';
import { DEMO_TRAININGS } from './toloka';

/** Where the story is told. */
export interface Teller {
  chapter(title: string): void;
  says(who: string, text: string): void;
  /** What somebody sees: a modal, a message. */
  shows(where: string, text: string): void;
  checked(text: string): void;
}

const { ready, poolOpen, fails } = DEMO_TRAININGS;
const PATIENCE = { timeoutMs: 20_000 };

/**
 * One story in three chapters, played by Alice: refused, archived, failed. Each step looks at the screen.
 * @throws Error with all that is on the screen when the story does not go as told
 */
export async function playStory(demo: Demo, teller: Teller): Promise<void> {
  teller.chapter(`1. A training that is still in use (${poolOpen.id})`);
  await refused(demo, teller);
  teller.chapter(`2. A training that is ready (${ready.id})`);
  await archived(demo, teller, ready.id, 'Archived');
  teller.chapter(`3. A training that fails in Toloka (${fails.id})`);
  await archived(demo, teller, fails.id, 'Failed in Toloka');
}

async function refused({ workspace, account }: Demo, teller: Teller): Promise<void> {
  const alice = workspace.person(ALICE);
  teller.says('Alice', `/toloka-archive ${poolOpen.id}`);
  await alice.command(poolOpen.id, { channel: GENERAL });
  const modal = await workspace.waitFor(
    () => JSON.stringify(alice.modal()?.blocks ?? '').includes('not archived.*') && alice.modal(),
    { ...PATIENCE, what: 'the reason why it cannot be archived' },
  );
  teller.shows('a window that only Alice sees', workspace.renderText(modal));
  if (modal.submit) throw new Error('There is an Archive button although pools are in the way');
  await alice.close();
  if (account.posts(poolOpen.id).arrived > 0) throw new Error('Toloka was asked to archive it all the same');
  teller.checked('There is no Archive button, and Toloka was not asked to archive anything.');
}

async function archived(demo: Demo, teller: Teller, id: string, end: string): Promise<void> {
  const { workspace, account } = demo;
  const alice = workspace.person(ALICE);
  teller.says('Alice', `/toloka-archive ${id}`);
  await alice.command(id, { channel: GENERAL });
  const plan = await workspace.waitFor(() => alice.modal()?.submit && alice.modal(), {
    ...PATIENCE,
    what: 'the plan',
  });
  teller.shows('a window that only Alice sees', workspace.renderText(plan));
  teller.says('Alice', `types a reason and ${id}, and presses Archive`);
  await alice.fill('Reason', 'The project is over');
  await alice.fill('Type the training ID to confirm', id);
  await alice.submit();
  await follow(demo, teller, end);
  await alice.close();
  const { arrived } = account.posts(id);
  if (arrived !== 1) throw new Error(`Toloka was asked ${arrived} times to archive ${id}`);
  teller.checked(`Toloka was asked once. It shows the training as ${account.getTraining(id)?.status}.`);
}

/** Shows the card each time that it says something new, to its end and the mention in the thread. */
async function follow({ workspace }: Demo, teller: Teller, end: string): Promise<void> {
  const card = () => workspace.messages(GENERAL).at(-1);
  const before = card()?.ts;
  let shown = '';
  const look = () => {
    const one = card();
    const text =
      one && one.ts >= (before ?? '') && one.metadata?.event_type === 'archive_card'
        ? workspace.renderText(one)
        : '';
    const news = text.split('\n').find((line) => /^\s*[█░]/.test(line)) ?? text.split('\n')[0] ?? '';
    if (news !== '' && news !== shown)
      teller.shows(shown === '' ? 'the card in #general' : 'the card, edited', shown === '' ? text : news);
    if (news !== '') shown = news;
  };
  const off = workspace.on('change', look);
  try {
    const last = await workspace.waitFor(
      () => {
        const one = card();
        return (
          one &&
          JSON.stringify(one.blocks).includes(`*${end}*`) &&
          one.replies.at(-1)?.text.includes(`<@${ALICE}> `) &&
          /after [\d.]+ s\.$/.test(one.replies.at(-1)?.text ?? '') &&
          one
        );
      },
      { ...PATIENCE, what: `the card's end: ${end}` },
    );
    teller.shows(
      'the thread under the card',
      last.replies.map((reply) => workspace.renderText(reply)).join('\n'),
    );
  } finally {
    off();
  }
}

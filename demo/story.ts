/**
 * The story of the demo: one training that is blocked, one that is archived, one that fails in Toloka. Each step checks
 * what is on the screen. If something is wrong, the story ends there. Its person and its trainings are not the visitor's.
 */

import { DEMO_TRAININGS } from '../fakes/toloka';
import { asIs } from './mrkdwn-ansi';
import { CHANNELS, DANA, type Demo } from './start';

/** Shows the story: a terminal, or nothing in a test. */
export interface Narrator {
  chapter(title: string, about: string): void;
  /** What a person does. */
  act(words: string): void;
  /** What is now on a screen. */
  screen(caption: string, rendered: string): void;
  /** Something that was checked and is true. */
  fact(words: string): void;
}

export class StoryError extends Error {}

const WINDOW = 'dana’s window';

type Training = (typeof DEMO_TRAININGS)[keyof typeof DEMO_TRAININGS];

/** What each step needs. */
interface Story extends Pick<Demo, 'workspace' | 'account'> {
  /** Whether the demo was reset while the story played. */
  wasReset: () => boolean;
  narrator: Narrator;
  patienceMs: number;
}

/**
 * @param patienceMs how long each thing may take to appear; generous, since the machine may be busy
 * @throws StoryError with what was expected and what was on the screens instead
 */
export async function playStory(demo: Demo, narrator: Narrator, patienceMs = 30_000): Promise<void> {
  const { workspace, account, journalPath } = demo;
  const wasReset = () => demo.journalPath !== journalPath;
  const story: Story = { workspace, account, wasReset, narrator, patienceMs };
  try {
    await blocked(story, DEMO_TRAININGS.storyBlocked);
    await archived(story, DEMO_TRAININGS.storyReady);
    await failing(story, DEMO_TRAININGS.storyFails);
  } catch (cause) {
    throw wasReset() ? new StoryError('The demo was reset.', { cause }) : cause;
  }
}

async function blocked(story: Story, { id, about }: Training): Promise<void> {
  story.narrator.chapter('A training that is not ready', `${id}: ${about}`);
  const dana = story.workspace.person(DANA);
  await command(story, id);
  const shown = await modal(story, ['not archived.', 'Shop signs, this week']);
  story.narrator.screen(WINDOW, shown);
  if (dana.modal()?.submit) throw new StoryError('The modal of a training that is not ready offers Archive.');
  expectPosts(story, id, 0);
  story.narrator.fact('There is no Archive button, and Toloka got nothing but reads.');
  await dana.close();
}

async function archived(story: Story, { id, about }: Training): Promise<void> {
  story.narrator.chapter('A training that is ready', `${id}: ${about}`);
  await command(story, id);
  story.narrator.screen(WINDOW, await modal(story, ['cannot be undone', '[Archive]']));
  await confirm(story, id, 'Replaced by training 2');
  const card = await cardOf(story, id, 'Archived');
  story.narrator.screen('#training-ops', story.workspace.renderText(card.message, asIs));
  await thread(story, id, 'the training is archived');
  expectPosts(story, id, 1);
  const status = story.account.getTraining(id)?.status;
  if (status !== 'ARCHIVED') throw new StoryError(`The training is ${status} in Toloka, not ARCHIVED.`);
  const { path } =
    story.account.exchanges.find((one) => one.method === 'POST' && one.trainingId === id) ?? {};
  story.narrator.fact(`In Toloka, training ${id} is ARCHIVED. POST ${path} was sent exactly once.`);
}

async function failing(story: Story, { id, about }: Training): Promise<void> {
  story.narrator.chapter('A training that fails in Toloka', `${id}: ${about}`);
  await command(story, id);
  await modal(story, ['cannot be undone', '[Archive]']);
  story.narrator.fact('The window shows a plan that nothing blocks, and an Archive button.');
  await confirm(story, id, 'Nobody works at night any more');
  const card = await cardOf(story, id, 'Failed in Toloka');
  story.narrator.screen('#training-ops', story.workspace.renderText(card.message, asIs));
  await thread(story, id, 'could not archive');
  expectPosts(story, id, 1);
  story.narrator.fact('The card says that it failed. The request was sent exactly once.');
}

async function command(story: Story, id: string): Promise<void> {
  story.narrator.act(`Dana types  /toloka-archive ${id}  in #training-ops`);
  const said = await story.workspace.person(DANA).command(id, { channel: CHANNELS.operations });
  if (!said.acked) throw new StoryError(`The app did not answer the command: ${said.error}.`);
}

async function confirm(story: Story, id: string, reason: string): Promise<void> {
  const dana = story.workspace.person(DANA);
  story.narrator.act(`Dana types the reason  ${reason}  and the ID  ${id},  and presses Archive`);
  await dana.fill('Reason', reason);
  await dana.fill('Type the training ID to confirm', id);
  const sent = await dana.submit();
  if (!sent.acked || sent.errors)
    throw new StoryError(`The window was not accepted: ${JSON.stringify(sent.errors ?? sent.error)}.`);
  if (dana.modal()) throw new StoryError('The window stayed open, although nothing was wrong.');
  story.narrator.fact('The window is closed, and the card is in the channel.');
}

/** The text of Dana's window, once it has all these words. */
const modal = (story: Story, words: string[]) =>
  until(story, `Dana’s window says: ${words.join(', ')}`, () => {
    const view = story.workspace.modalOf(DANA);
    const text = view ? story.workspace.renderText(view) : '';
    return words.every((word) => text.includes(word)) && story.workspace.renderText(view ?? {}, asIs);
  });

/** The only card about this training, once its first line has these words. */
const cardOf = (story: Story, id: string, words: string) =>
  until(story, `the card about ${id} says: ${words}`, () => {
    const cards = story.workspace
      .messages(CHANNELS.operations)
      .map((message) => ({ message, text: story.workspace.renderText(message) }))
      .filter(({ text }) => text.includes(`Training ${id}`));
    const [card] = cards;
    if (cards.length > 1) throw new StoryError(`There are ${cards.length} cards about ${id}.`);
    return card?.text.split('\n')[0]?.includes(`*${words}*`) && card;
  });

async function thread(story: Story, id: string, words: string): Promise<void> {
  const lines = await until(story, `the thread about ${id} says: @dana … ${words}`, () => {
    const card = story.workspace
      .messages(CHANNELS.operations)
      .find((message) => story.workspace.renderText(message).includes(`Training ${id}`));
    const text = card?.replies.map((reply) => story.workspace.renderText(reply)).join('\n') ?? '';
    return text.split('\n').some((line) => line.includes('@dana') && line.includes(words)) && text;
  });
  story.narrator.screen('the thread under the card', lines);
}

function expectPosts({ account }: Story, id: string, wanted: number): void {
  const { arrived } = account.posts(id);
  if (arrived !== wanted)
    throw new StoryError(`Toloka got ${arrived} archive requests for ${id}; it should be ${wanted}.`);
}

async function until<T>({ workspace, wasReset, patienceMs }: Story, what: string, look: () => T) {
  const ended = new StoryError(`The demo was reset before this: ${what}.`);
  const found = await workspace
    .waitFor(() => (wasReset() ? ended : look()), { what, timeoutMs: patienceMs })
    .catch((cause: Error) => {
      throw new StoryError(cause.message, { cause });
    });
  if (found === ended) throw ended;
  return found as Exclude<typeof found, StoryError>;
}

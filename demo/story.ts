/**
 * The story of the demo: one training that is blocked, one that is archived, one that fails in Toloka. Each step checks
 * what is on the screen. If something is wrong, the story ends there.
 */

import { DEMO_TRAININGS } from '../fakes/toloka';
import { asIs } from './mrkdwn-ansi';
import { CHANNELS, type Demo, PEOPLE } from './start';

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

const ALICE = 'alice’s window';

type Training = (typeof DEMO_TRAININGS)[keyof typeof DEMO_TRAININGS];

/** What each step needs. */
interface Story extends Demo {
  narrator: Narrator;
  patienceMs: number;
}

/**
 * @param patienceMs how long each thing may take to appear; generous, since the machine may be busy
 * @throws StoryError with what was expected and what was on the screens instead
 */
export async function playStory(demo: Demo, narrator: Narrator, patienceMs = 30_000): Promise<void> {
  const story: Story = { ...demo, narrator, patienceMs };
  await blocked(story, DEMO_TRAININGS.poolOpen);
  await archived(story, DEMO_TRAININGS.ready);
  await failing(story, DEMO_TRAININGS.fails);
}

async function blocked(story: Story, { id, about }: Training): Promise<void> {
  story.narrator.chapter('A training that is not ready', `${id}: ${about}`);
  const alice = story.workspace.person(PEOPLE.alice);
  await command(story, id);
  const shown = await modal(story, ['not archived.', 'Street signs, this week']);
  story.narrator.screen(ALICE, shown);
  if (alice.modal()?.submit)
    throw new StoryError('The modal of a training that is not ready offers Archive.');
  expectPosts(story, id, 0);
  story.narrator.fact('There is no Archive button, and Toloka got nothing but reads.');
  await alice.close();
}

async function archived(story: Story, { id, about }: Training): Promise<void> {
  story.narrator.chapter('A training that is ready', `${id}: ${about}`);
  await command(story, id);
  story.narrator.screen(ALICE, await modal(story, ['cannot be undone', '[Archive]']));
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
  story.narrator.act(`Alice types  /toloka-archive ${id}  in #training-ops`);
  const said = await story.workspace.person(PEOPLE.alice).command(id, { channel: CHANNELS.operations });
  if (!said.acked) throw new StoryError(`The app did not answer the command: ${said.error}.`);
}

async function confirm(story: Story, id: string, reason: string): Promise<void> {
  const alice = story.workspace.person(PEOPLE.alice);
  story.narrator.act(`Alice types the reason  ${reason}  and the ID  ${id},  and presses Archive`);
  await alice.fill('Reason', reason);
  await alice.fill('Type the training ID to confirm', id);
  const sent = await alice.submit();
  if (!sent.acked || sent.errors)
    throw new StoryError(`The window was not accepted: ${JSON.stringify(sent.errors ?? sent.error)}.`);
  await modal(story, ['Open the card']);
  await alice.close();
}

/** The text of Alice's window, once it has all these words. */
const modal = (story: Story, words: string[]) =>
  until(story, `Alice’s window says: ${words.join(', ')}`, () => {
    const view = story.workspace.modalOf(PEOPLE.alice);
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
  const lines = await until(story, `the thread about ${id} says: @alice … ${words}`, () => {
    const card = story.workspace
      .messages(CHANNELS.operations)
      .find((message) => story.workspace.renderText(message).includes(`Training ${id}`));
    const text = card?.replies.map((reply) => story.workspace.renderText(reply)).join('\n') ?? '';
    return text.split('\n').some((line) => line.includes('@alice') && line.includes(words)) && text;
  });
  story.narrator.screen('the thread under the card', lines);
}

function expectPosts({ account }: Story, id: string, wanted: number): void {
  const { arrived } = account.posts(id);
  if (arrived !== wanted)
    throw new StoryError(`Toloka got ${arrived} archive requests for ${id}; it should be ${wanted}.`);
}

async function until<T>({ workspace, patienceMs }: Story, what: string, look: () => T) {
  try {
    return await workspace.waitFor(look, { what, timeoutMs: patienceMs });
  } catch (cause) {
    throw new StoryError((cause as Error).message, { cause });
  }
}

/**
 * The story of the demo: one training that is refused, one that is archived, one that fails in Toloka. Each step
 * looks whether the screen shows what it should, and the story ends there when it does not.
 */
import { asIs } from './mrkdwn-ansi';
import { CHANNELS, type Demo, PEOPLE } from './start';
import { DEMO_TRAININGS } from './toloka';

/** Whoever tells the story: a terminal, or a test that only listens. */
export interface Teller {
  chapter(title: string, about: string): void;
  /** Somebody does something. */
  act(words: string): void;
  /** What is on a screen now. */
  screen(caption: string, rendered: string): void;
  /** Something that was looked up and is so. */
  fact(words: string): void;
}

export class StoryError extends Error {}

const ALICE = 'the window of alice';

type Training = (typeof DEMO_TRAININGS)[keyof typeof DEMO_TRAININGS];

/** What the steps of the story have: the teller, and the demo as it is looked at. */
interface Stage extends Demo {
  teller: Teller;
  patienceMs: number;
}

/**
 * @param patienceMs how long each thing may take to appear; plenty, since a busy machine must not spoil a good story
 * @throws StoryError with what was expected and what was on the screens instead
 */
export async function playStory(demo: Demo, teller: Teller, patienceMs = 30_000): Promise<void> {
  const stage: Stage = { ...demo, teller, patienceMs };
  await refused(stage, DEMO_TRAININGS.poolOpen);
  await archived(stage, DEMO_TRAININGS.ready);
  await failing(stage, DEMO_TRAININGS.fails);
}

async function refused(stage: Stage, { id, about }: Training): Promise<void> {
  stage.teller.chapter('A training that is not ready', `${id}: ${about}`);
  const alice = stage.workspace.person(PEOPLE.alice);
  await command(stage, id);
  const shown = await modal(stage, ['not archived.', 'Street signs, this week']);
  stage.teller.screen(ALICE, shown);
  if (alice.modal()?.submit)
    throw new StoryError('The modal of a training that is not ready offers Archive.');
  expectPosts(stage, id, 0);
  stage.teller.fact('There is no Archive button, and nothing but questions went to Toloka.');
  await alice.close();
}

async function archived(stage: Stage, { id, about }: Training): Promise<void> {
  stage.teller.chapter('A training that is ready', `${id}: ${about}`);
  await command(stage, id);
  stage.teller.screen(ALICE, await modal(stage, ['cannot be undone', '[Archive]']));
  await confirm(stage, id, 'Replaced by training 2');
  const card = await cardOf(stage, id, 'Archived');
  stage.teller.screen('#training-ops', stage.workspace.renderText(card.message, asIs));
  await thread(stage, id, 'the training is archived');
  expectPosts(stage, id, 1);
  const status = stage.account.getTraining(id)?.status;
  if (status !== 'ARCHIVED') throw new StoryError(`The training is ${status} in Toloka, not ARCHIVED.`);
  const { path } =
    stage.account.exchanges.find((one) => one.method === 'POST' && one.trainingId === id) ?? {};
  stage.teller.fact(`In Toloka, training ${id} is ARCHIVED. POST ${path} was sent exactly once.`);
}

async function failing(stage: Stage, { id, about }: Training): Promise<void> {
  stage.teller.chapter('A training that fails in Toloka', `${id}: ${about}`);
  await command(stage, id);
  await modal(stage, ['cannot be undone', '[Archive]']);
  stage.teller.fact('The window shows a plan that nothing stands against, with an Archive button.');
  await confirm(stage, id, 'Nobody works at night any more');
  const card = await cardOf(stage, id, 'Failed in Toloka');
  stage.teller.screen('#training-ops', stage.workspace.renderText(card.message, asIs));
  await thread(stage, id, 'could not archive');
  expectPosts(stage, id, 1);
  stage.teller.fact('The card says that it failed, and the request was sent exactly once all the same.');
}

async function command(stage: Stage, id: string): Promise<void> {
  stage.teller.act(`Alice types  /toloka-archive ${id}  in #training-ops`);
  const said = await stage.workspace.person(PEOPLE.alice).command(id, { channel: CHANNELS.operations });
  if (!said.acked) throw new StoryError(`The app did not answer the command: ${said.error}.`);
}

async function confirm(stage: Stage, id: string, reason: string): Promise<void> {
  const alice = stage.workspace.person(PEOPLE.alice);
  stage.teller.act(`Alice types the reason  ${reason}  and the id  ${id},  and presses Archive`);
  await alice.fill('Reason', reason);
  await alice.fill('Type the training ID to confirm', id);
  const sent = await alice.submit();
  if (!sent.acked || sent.errors)
    throw new StoryError(`The window was not taken: ${JSON.stringify(sent.errors ?? sent.error)}.`);
  await modal(stage, ['Open the card']);
  await alice.close();
}

/** What Alice's window says once all these words are in it. */
const modal = (stage: Stage, words: string[]) =>
  until(stage, `Alice’s window says: ${words.join(', ')}`, () => {
    const view = stage.workspace.modalOf(PEOPLE.alice);
    const text = view ? stage.workspace.renderText(view) : '';
    return words.every((word) => text.includes(word)) && stage.workspace.renderText(view ?? {}, asIs);
  });

/** The one card about this training, once its first line has these words. */
const cardOf = (stage: Stage, id: string, words: string) =>
  until(stage, `the card about ${id} says: ${words}`, () => {
    const cards = stage.workspace
      .messages(CHANNELS.operations)
      .map((message) => ({ message, text: stage.workspace.renderText(message) }))
      .filter(({ text }) => text.includes(`Training ${id}`));
    const [card] = cards;
    if (cards.length > 1) throw new StoryError(`There are ${cards.length} cards about ${id}.`);
    return card?.text.split('\n')[0]?.includes(`*${words}*`) && card;
  });

async function thread(stage: Stage, id: string, words: string): Promise<void> {
  const lines = await until(stage, `the thread about ${id} says: @alice … ${words}`, () => {
    const card = stage.workspace
      .messages(CHANNELS.operations)
      .find((message) => stage.workspace.renderText(message).includes(`Training ${id}`));
    const text = card?.replies.map((reply) => stage.workspace.renderText(reply)).join('\n') ?? '';
    return text.split('\n').some((line) => line.includes('@alice') && line.includes(words)) && text;
  });
  stage.teller.screen('the thread under the card', lines);
}

function expectPosts({ account }: Stage, id: string, wanted: number): void {
  const { arrived } = account.posts(id);
  if (arrived !== wanted)
    throw new StoryError(`Toloka got ${arrived} archive requests for ${id}; it should be ${wanted}.`);
}

async function until<T>({ workspace, patienceMs }: Stage, what: string, look: () => T) {
  try {
    return await workspace.waitFor(look, { what, timeoutMs: patienceMs });
  } catch (cause) {
    throw new StoryError((cause as Error).message, { cause });
  }
}

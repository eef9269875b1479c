/** The story, then the prompt. */
import { DEMO_TRAININGS } from '../fakes/toloka';
import { type PromptOptions, runPrompt } from './prompt';
import { playStory } from './story';

interface PlayOptions extends PromptOptions {
  /** Shown at the end when there is no page, and so no prompt. */
  goodbye: string;
  /** For each step of the story. */
  patienceMs?: number;
}

/**
 * Resolves when the person quits. A story that goes wrong does not end the demo when there is a page: its visitor may
 * have reset the demo, or broken Slack or Toloka, while the story played.
 * @throws StoryError when there is no page
 */
export async function play({ goodbye, patienceMs, ...options }: PlayOptions): Promise<void> {
  const { demo, terminal, page } = options;
  const { storyBlocked, storyReady, storyFails } = DEMO_TRAININGS;
  try {
    await playStory(demo, terminal, patienceMs);
    terminal.summary([
      `${storyBlocked.id} is blocked: the app showed why, and sent Toloka nothing but reads.`,
      `${storyReady.id} was archived with one request. Its card and thread show each step.`,
      `${storyFails.id} failed in Toloka after one request. Its card says so.`,
    ]);
  } catch (error) {
    if (page === undefined) throw error;
    const [first = ''] = (error as Error).message.split('\n');
    terminal.trouble(`The story ends early. ${first}`);
  }
  if (page !== undefined) return runPrompt(options);
  terminal.say();
  terminal.say(goodbye);
}

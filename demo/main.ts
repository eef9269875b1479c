import { prompt } from './prompt';
import { type Demo, startDemo } from './start';
import { playStory } from './story';
import { createTerminal } from './terminal';

const terminal = createTerminal(
  (text) => process.stdout.write(text),
  Boolean(process.stdout.isTTY) && !process.env['NO_COLOR'],
);

/** Without somebody at the keyboard the story is all there is. */
const once = process.argv.includes('--once') || !process.stdin.isTTY;

/** Ends the demo once, by whatever comes first: the reader, a signal, or the app's own end. */
function createEnding(demo: Demo): (code: number) => Promise<void> {
  let ending = false;
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    await demo.close();
    process.exit(code);
  };
  process.on('SIGINT', () => void end(0));
  process.on('SIGTERM', () => void end(0));
  void demo.app.ended.then(() => {
    if (ending) return;
    terminal.line(`\nThe app has ended by itself. Its last lines:\n${demo.app.lastLines().join('\n')}`);
    void end(1);
  });
  return end;
}

async function main(): Promise<void> {
  terminal.line('Demo: a pretend Slack and a pretend Toloka on this machine, and the real app between them.');
  terminal.line('Nothing here reaches the real ones.');
  const demo = await startDemo();
  const end = createEnding(demo);
  const unfollow = terminal.follow(demo.account);
  try {
    await playStory(demo, terminal);
  } catch (error) {
    terminal.line(`\nThe story did not go as told: ${(error as Error).message}`);
    await end(1);
  }
  terminal.line(
    '\nThat was the whole story: refused with the reason, archived, failed; each told as it was.',
  );
  unfollow();
  if (!once) {
    terminal.follow(demo.account);
    await prompt(demo, terminal);
  }
  await end(0);
}

main().catch((error: unknown) => {
  terminal.line(`\nThe story did not go as told: ${(error as Error).stack ?? String(error)}`);
  process.exit(1);
});

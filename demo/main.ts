/** `npm run demo`: the story in the terminal, then a prompt. With `--once`, or without a terminal, the story alone. */
import { tellLive } from './live';
import { type Page, startPage } from './page';
import { runPrompt } from './prompt';
import { type Demo, startDemo } from './start';
import { playStory, StoryError } from './story';
import { createTerminal } from './terminal';
import { readArguments, USAGE } from './usage';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** The page's own, if nobody else has it: a window that is still open finds the next demo there. */
const PAGE_PORT = 4055;
const WITH_ONCE = 'That was all: with `--once` the demo ends after the story.';
const WITHOUT_TERMINAL =
  'The demo ends here, since there is no terminal to type at. In one, a prompt and a page in the browser follow.';
const terminal = createTerminal({
  write: (text) => process.stdout.write(text),
  colour: Boolean(process.stdout.isTTY) && !process.env['NO_COLOR'],
  columns: () => process.stdout.columns,
});

let hungUp = false;

/** Returns the exit code. */
async function main(): Promise<number> {
  const asked = readArguments(process.argv.slice(2));
  if ('unknown' in asked) {
    process.stderr.write(`There is no "${asked.unknown}" here.\n\n${USAGE}`);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  return run(asked.once);
}

async function run(once: boolean): Promise<number> {
  /** The page would be gone before anybody could open it. */
  const storyAlone = once || !process.stdin.isTTY;
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => end(code));
  process.on('SIGHUP', () => {
    hungUp = true;
  });
  // The window was closed, or the reader of a pipe has enough: nobody is there to be told the rest.
  process.stdout.on('error', () => end(SIGNALS.SIGHUP));

  terminal.say(
    '*Toloka Archive for Slack, the demo.* A pretend Slack workspace and a pretend Toloka account on this machine, and between them the real app, unchanged. Nothing here reaches a real account.',
  );
  const demo = await startDemo();
  let page: Page | undefined;
  try {
    terminal.say();
    terminal.say(`  Slack    ${demo.workspace.url}`);
    terminal.say(`  Toloka   ${demo.account.url}`);
    terminal.say(`  the app  node dist/app.js, process ${demo.app.pid}`);
    if (!storyAlone) {
      page = await startPage({ ...demo, restartApp: demo.renew, port: PAGE_PORT });
      terminal.say(`  the page ${page.url}  (open it in a browser to try the app there)`);
    }
    demo.app.onDeath((how) => {
      terminal.trouble(`The app is gone: ${how}. Its last words:`);
      terminal.log(demo.app.lastLines());
      end(1);
    });
    tellLive(demo, terminal);
    return await Promise.race([ended, play(demo, page?.url, once ? WITH_ONCE : WITHOUT_TERMINAL)]);
  } finally {
    await page?.close();
    await demo.close();
    terminal.say();
    terminal.say('Stopped. Nothing is left running.');
  }
}

/** `whyNoMore` is said when there is no page to go on with. */
async function play(demo: Demo, page: string | undefined, whyNoMore: string): Promise<number> {
  await playStory(demo, terminal);
  terminal.summary([
    '123457 was refused, and nothing but questions went to Toloka.',
    '123456 was archived by one request, and its card and thread tell how.',
    '123459 failed in Toloka after one request, and its card says so.',
  ]);
  if (page === undefined) {
    terminal.say();
    terminal.say(whyNoMore);
    return 0;
  }
  await runPrompt({ demo, terminal, page, input: process.stdin, output: process.stdout });
  return 0;
}

void main()
  .catch((error: Error) => {
    const what = error instanceof StoryError ? 'The story did not go as told.' : 'The demo could not go on.';
    terminal.trouble(`${what} ${error.message}`);
    return 1;
  })
  .then((code) => {
    // On its own way out Node sets the terminal's modes back, and aborts when the terminal is gone.
    process.removeAllListeners('SIGHUP');
    if (hungUp) process.kill(process.pid, 'SIGHUP');
    process.exit(code);
  });

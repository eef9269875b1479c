/** `npm run demo`: the story in the terminal, then a prompt. With `--once`, or without a terminal, only the story. */
import { showLive } from './live';
import { type Page, startPage } from './page';
import { play } from './play';
import { PEOPLE, startDemo } from './start';
import { StoryError } from './story';
import { createTerminal } from './terminal';
import { readArguments, USAGE } from './usage';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Used if it is free, so that a browser window that is still open finds the next demo. */
const PAGE_PORT = 4055;
const WITH_ONCE = 'With `--once`, the demo ends after the story.';
const WITHOUT_TERMINAL =
  'The demo ends here because there is no terminal to type in. In a terminal, a prompt and a page for your browser follow.';
const terminal = createTerminal({
  write: (text) => process.stdout.write(text),
  colour: Boolean(process.stdout.isTTY) && !process.env['NO_COLOR'],
  columns: () => process.stdout.columns,
});

let hungUp = false;

/** Returns the exit code. */
async function main(): Promise<number> {
  const asked = readArguments(process.argv.slice(2));
  if ('problem' in asked) {
    process.stderr.write(`${asked.problem}.\n\n${USAGE}`);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  return run(asked);
}

async function run({
  once,
  port = PAGE_PORT,
}: {
  once: boolean;
  port?: number | undefined;
}): Promise<number> {
  /** Without a prompt the demo ends before anybody could open the page. */
  const storyAlone = once || !process.stdin.isTTY;
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => end(code));
  process.on('SIGHUP', () => {
    hungUp = true;
  });
  // The terminal was closed, or the reader of the pipe has stopped reading.
  process.stdout.on('error', () => end(SIGNALS.SIGHUP));

  terminal.say(
    '*Toloka Archive for Slack, the demo.* The real app, unchanged, runs between a fake Slack workspace and a fake Toloka account on this machine. Nothing reaches a real account.',
  );
  const demo = await startDemo();
  let page: Page | undefined;
  try {
    terminal.say();
    terminal.say(`  Slack    ${demo.workspace.url}`);
    terminal.say(`  Toloka   ${demo.account.url}`);
    terminal.say(`  the app  node dist/app.js, process ${demo.app.pid}`);
    if (!storyAlone) {
      const visitors = Object.values(PEOPLE);
      page = await startPage({ ...demo, visitors, restartApp: demo.renew, port });
      terminal.say(`  the page ${page.url}  (open it in a browser to try the app)`);
    }
    demo.app.onDeath((how) => {
      terminal.trouble(`The app stopped: ${how}. Its last lines:`);
      terminal.log(demo.app.lastLines());
      end(1);
    });
    showLive(demo, terminal);
    const { stdin: input, stdout: output } = process;
    const goodbye = once ? WITH_ONCE : WITHOUT_TERMINAL;
    const played = play({ demo, terminal, page: page?.url, input, output, goodbye });
    return await Promise.race([ended, played.then(() => 0)]);
  } finally {
    await page?.close();
    await demo.close();
    terminal.say();
    terminal.say('Stopped. Nothing is left running.');
  }
}

void main()
  .catch((error: Error) => {
    const what = error instanceof StoryError ? 'The story went wrong.' : 'The demo failed.';
    terminal.trouble(`${what} ${error.message}`);
    return 1;
  })
  .then((code) => {
    // When Node exits by itself it restores the terminal's modes, and aborts if the terminal is gone.
    process.removeAllListeners('SIGHUP');
    if (hungUp) process.kill(process.pid, 'SIGHUP');
    process.exit(code);
  });

/** The command line of the demo. */

export const USAGE = `npm run demo                 the story, then a prompt and a page for your browser to try the app
npm run demo -- --port N     the same, with the page at port N if it is free
npm run demo -- --once       only the story
npm run demo -- --help       this text
`;

type Arguments = { once: boolean; help: boolean; port: number | undefined } | { problem: string };

const PORT = '--port';

export function readArguments(args: readonly string[]): Arguments {
  const read = { once: false, help: false, port: undefined as number | undefined };
  for (let at = 0; at < args.length; at++) {
    const one = args[at] ?? '';
    if (one === '--once') read.once = true;
    else if (one === '--help' || one === '-h') read.help = true;
    else if (one === PORT || one.startsWith(`${PORT}=`)) {
      const value = one === PORT ? (args[++at] ?? '') : one.slice(PORT.length + 1);
      const port = Number(value);
      if (!/^\d+$/.test(value) || port < 1 || port > 65_535)
        return { problem: `${PORT} needs a number from 1 to 65535` };
      read.port = port;
    } else return { problem: `Unknown option "${one}"` };
  }
  return read;
}

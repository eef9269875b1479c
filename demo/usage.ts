/** What the demo can be told on its command line. */

export const USAGE = `npm run demo               the story, then a prompt and a page in the browser to try the app
npm run demo -- --once     the story alone
npm run demo -- --help     this text
`;

type Arguments = { once: boolean; help: boolean } | { unknown: string };

export function readArguments(args: readonly string[]): Arguments {
  const unknown = args.find((one) => !['--once', '--help', '-h'].includes(one));
  if (unknown !== undefined) return { unknown };
  return { once: args.includes('--once'), help: args.includes('--help') || args.includes('-h') };
}

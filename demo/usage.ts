/** The command line of the demo. */

export const USAGE = `npm run demo               the story, then a prompt and a page for your browser to try the app
npm run demo -- --once     only the story
npm run demo -- --help     this text
`;

type Arguments = { once: boolean; help: boolean } | { unknown: string };

export function readArguments(args: readonly string[]): Arguments {
  const unknown = args.find((one) => !['--once', '--help', '-h'].includes(one));
  if (unknown !== undefined) return { unknown };
  return { once: args.includes('--once'), help: args.includes('--help') || args.includes('-h') };
}

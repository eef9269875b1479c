import { COMMAND } from './ids';

/** What `help` and a wrong call answer. A test holds the README and the manifest to it. */
export const USAGE_LINES = [
  [`${COMMAND} 123456`, 'show what would be archived and what stands in the way, then ask you to confirm'],
  [`${COMMAND} <link to a training in Toloka>`, 'the same'],
  [`${COMMAND} 123456 sandbox`, 'the same, in Toloka’s sandbox (or `production`)'],
  [`${COMMAND} help`, 'this text'],
] as const;

export const usage = (): string =>
  [
    '*Archive a Toloka training pool.* Archiving cannot be undone: nothing happens before you confirm.',
    ...USAGE_LINES.map(
      ([call, what]) => `• \`${call.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\` ${what}`,
    ),
  ].join('\n');

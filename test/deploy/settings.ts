import { SECRET_NAMES, SETTING_NAMES } from '../../src/config';
import { read } from './dockerfile';

/** Every name under which the app reads a setting. */
const KNOWN_NAMES: readonly string[] = [...SETTING_NAMES, ...SECRET_NAMES.map((name) => `${name}_FILE`)];

/** Those of the environment that are no setting of the app, nor one of Node. */
export const unknownNames = (env: object): string[] =>
  Object.keys(env).filter((name) => name !== 'NODE_ENV' && !KNOWN_NAMES.includes(name));

/** How long the app may take to stop, in seconds, as the documents say. */
export const STOP_SECONDS = 60;

const operations = read('docs/operations.md').replaceAll(/\s+/g, ' ');

/** Those of the words that docs/operations.md does not have. */
export const undocumented = (words: string[]): string[] => words.filter((word) => !operations.includes(word));

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '..', '..');
export const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Instruction {
  name: string;
  /** As written, on one line. */
  text: string;
}

export interface Stage {
  name: string;
  from: string;
  instructions: Instruction[];
}

/** The stages of a Dockerfile. Knows what ours uses: no ARG, no here-documents, no parser directives. */
function parseDockerfile(text: string): Stage[] {
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [from = '', , as = String(stages.length)] = rest.split(/\s+/);
      stages.push({ name: as, from, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, text: rest });
  }
  return stages;
}

export interface Copy {
  /** The stage that it copies from; undefined: the build context. */
  from: string | undefined;
  sources: string[];
  target: string;
}

export function parseCopy(text: string): Copy {
  const [, from] = /--from=(\S+)/.exec(text) ?? [];
  const paths = text.split(/\s+/).filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** The arguments of the exec form, `["a", "b"]`, of the last such instruction of a stage, such as `CMD`. */
export function execForm(stage: Stage, name: string): string[] {
  const text = last(stage, name);
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
}

export function last(stage: Stage, name: string): string {
  const found = stage.instructions.findLast((one) => one.name === name);
  if (found === undefined) throw new Error(`The stage ${stage.name} has no ${name}`);
  return found.text;
}

/** What ENV sets. */
export const environmentOf = (stage: Stage): Record<string, string> =>
  Object.fromEntries(
    stage.instructions
      .filter(({ name }) => name === 'ENV')
      .flatMap(({ text }) => text.split(/\s+/))
      .map((pair) => pair.split('=') as [string, string]),
  );

export const stages = parseDockerfile(read('Dockerfile'));
export const finalStage = stages.at(-1) as Stage;

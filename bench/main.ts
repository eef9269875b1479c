import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine } from './machine';
import { PARTS } from './parts';
import { type Measured, resultsDocument, textTable, withSection } from './report';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Runs the named parts, or all that are not too long, one after the other: at the same time they would slow each other. */
async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick');
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.filter((name) => !(name in PARTS));
  if (unknown.length > 0)
    throw new Error(`No bench ${unknown.join(', ')}. The benches are: ${Object.keys(PARTS).join(', ')}.`);
  say(machine());
  const measured: Measured[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (names.length > 0 ? !names.includes(name) : part.byNameOnly) continue;
    const began = performance.now();
    say(`\n${name}: ${part.title}`);
    const result = await part.run({ quick });
    measured.push({ name, part, result });
    say(textTable(result.rows));
    for (const note of result.notes) say(`* ${note}`);
    say(`(${Math.round((performance.now() - began) / 1000)} s)`);
  }
  if (quick) return;
  const path = join(__dirname, 'results.md');
  const write = (change: (old: string) => string) => writeFileSync(path, change(readFileSync(path, 'utf8')));
  const long = measured.filter(({ part }) => part.byNameOnly);
  for (const one of long) write((old) => withSection(old, one));
  // Of the other parts, the document has only full runs of all of them.
  const kept = Object.values(PARTS).flatMap(({ byNameOnly, title }) => (byNameOnly ? [title] : []));
  if (names.length === 0) write((old) => resultsDocument(machine(), measured, { old, kept }));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(1);
  },
);

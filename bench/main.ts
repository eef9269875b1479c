import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine } from './machine';
import { PARTS } from './parts';
import { type Measured, resultsDocument, textTable } from './report';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Runs the named parts, or all, one after the other: at the same time they would slow each other. */
async function main(args: readonly string[]): Promise<void> {
  const quick = args.includes('--quick');
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.filter((name) => !(name in PARTS));
  if (unknown.length > 0)
    throw new Error(`No bench ${unknown.join(', ')}. The benches are: ${Object.keys(PARTS).join(', ')}.`);
  say(machine());
  const measured: Measured[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const began = performance.now();
    say(`\n${name}: ${part.title}`);
    const result = await part.run({ quick });
    measured.push({ name, part, result });
    say(textTable(result.rows));
    for (const note of result.notes) say(`* ${note}`);
    say(`(${Math.round((performance.now() - began) / 1000)} s)`);
  }
  // The document is written only by full runs of all parts.
  if (quick || names.length > 0) return;
  writeFileSync(join(__dirname, 'results.md'), resultsDocument(machine(), measured));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(1);
  },
);

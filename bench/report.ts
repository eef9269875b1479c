import type { Part, PartResult, Row } from './row';

const HEADER = ['what', 'ours', 'peer', 'ratio', 'aim', 'reached'];

/** Three significant digits, since more would be noise. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

const cells = ({ what, unit, ours, theirs, ratio, aim, reached }: Row): string[] => [
  what,
  `${number(ours)} ${unit}`,
  theirs === null ? '' : `${number(theirs)} ${unit}`,
  ratio === null ? '' : `${number(ratio)}×`,
  aim,
  reached === null ? '' : reached ? 'yes' : 'NO',
];

/** A table for a terminal. */
export function textTable(rows: readonly Row[]): string {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_name, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The same as Markdown. */
export function markdownTable(rows: readonly Row[]): string {
  const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |`;
  return [
    line(HEADER),
    line(['---', '---:', '---:', '---:', '---', '---']),
    ...rows.map((row) => line(cells(row))),
  ].join('\n');
}

export interface Measured {
  name: string;
  part: Part;
  result: PartResult;
}

/** One part as a section of the document. */
const section = ({ name, part, result: { rows, notes } }: Measured): string =>
  [
    `## ${part.title}`,
    `\`npm run bench -- ${name}\`. ${part.how}`,
    markdownTable(rows),
    ...(notes.length > 0 ? [notes.map((note) => `* ${note}`).join('\n')] : []),
  ].join('\n\n');

/** A new document, with the sections of these titles as they are in the old one. */
export function resultsDocument(
  machine: string,
  measured: readonly Measured[],
  { old, kept }: { old: string; kept: readonly string[] },
): string {
  const before = sectionsOf(old).filter((one) => kept.some((title) => one.startsWith(`## ${title}\n`)));
  return [
    '# Measured',
    `Written by \`npm run bench\`. ${machine}`,
    'Compare only the ratios: both sides were measured in turn, in the same run, on the same machine. Lower is better in every row.',
    ...measured.map(section),
    ...before,
    '',
  ].join('\n\n');
}

/** The document with this section in place of that of the same part, or at its end. */
export function withSection(old: string, measured: Measured): string {
  const [head = '', ...sections] = sectionsOf(old);
  const isSame = (one: string) => one.startsWith(`## ${measured.part.title}\n`);
  const others = sections.map((one) => (isSame(one) ? section(measured) : one));
  const added = sections.some(isSame) ? [] : [section(measured)];
  return [head, ...others, ...added, ''].join('\n\n');
}

const sectionsOf = (document: string): string[] => document.split(/^(?=## )/m).map((one) => one.trim());

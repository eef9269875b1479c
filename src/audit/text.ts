/** Epoch ms as `2026-01-31T12:00:00.000Z`, or a dash. */
export const moment = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString());

/**
 * Shows what a terminal would act upon or hide: names come from Toloka and reasons from people, and may hold escape
 * sequences, line ends, or signs that turn the direction of the text.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

const HIDDEN = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Columns as wide as their widest text, the last one as it is. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(visible));
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const print = (line: readonly string[]) =>
    line
      .map((text, i) => (i === line.length - 1 ? text : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${lines.map(print).join('\n')}\n`;
}

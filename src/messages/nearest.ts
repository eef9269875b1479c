/** The one of the words that is spelled most like `typed`; undefined when none is close. */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
  const most = typed.length < 6 ? 1 : 2;
  const near = words
    .map((word) => ({ word, distance: distance(typed, word) }))
    .filter((one) => one.distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.word;
}

/**
 * How many edits turn one word into the other: a letter inserted, deleted or replaced, or two neighbors swapped.
 * @see https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance (optimal string alignment)
 */
function distance(from: string, to: string): number {
  // `rows[i][j]`: from the first i letters to the first j.
  const rows = Array.from({ length: from.length + 1 }, (_, i) => [i]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i <= from.length; i++)
    for (let j = i === 0 ? 1 : 0; j <= to.length; j++) {
      const isSwapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const edits = [
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1),
        ...(isSwapped ? [at(i - 2, j - 2) + 1] : []),
      ];
      rows[i]?.splice(j, 1, Math.min(...edits));
    }
  return at(from.length, to.length);
}

// A spreadsheet takes a cell that begins so for a formula, quoted or not, and a formula can send the sheet elsewhere.
// https://owasp.org/www-community/attacks/CSV_Injection
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20'|%]|^[\t\r\n]/u;

/**
 * One line of CSV with its line end, as RFC 4180 says. A text that a spreadsheet could take for a formula, or that
 * begins with an apostrophe, has an apostrophe in front: take one away to have it as it was. Numbers are left alone.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

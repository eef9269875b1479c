/**
 * Toloka's dates are UTC without a zone, `YYYY-MM-DDThh:mm:ss[.sss]` (the API reference). toloka-kit
 * (src/client/primitives/_converter.py, and its tests) has seen fractions of 0, 3, 5 and 6 digits, so the number of
 * digits is an option of the account.
 */
export function tolokaDate(ms: number, digits = 3): string {
  const iso = new Date(ms).toISOString();
  if (digits === 0) return iso.slice(0, 19);
  return `${iso.slice(0, 19)}.${iso.slice(20, 23).padEnd(digits, '0').slice(0, digits)}`;
}

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$/;

/** Strict: a zone is refused, since no document shows one. It is not known whether the real service accepts one. */
export function parseTolokaDate(text: string): number | undefined {
  if (!FORM.test(text)) return undefined;
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Slack's date tokens (docs "Formatting message text"), in the time zone of this machine: server and reader share it.
 * The 24-hour form is one of the two that a person can choose in Slack.
 */
const format = (ms: number, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', options).format(ms);

export const clock = (ms: number): string => format(ms, { hour: '2-digit', minute: '2-digit' });
export const clockWithSeconds = (ms: number): string =>
  format(ms, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const dayOf = (ms: number): string => new Date(ms).toDateString();
const DAY = 24 * 3_600_000;

function pretty(ms: number, now: number, otherwise: string): string {
  if (dayOf(ms) === dayOf(now)) return 'today';
  if (dayOf(ms) === dayOf(now - DAY)) return 'yesterday';
  return dayOf(ms) === dayOf(now + DAY) ? 'tomorrow' : otherwise;
}

function token(name: string, ms: number, now: number): string | undefined {
  const short = format(ms, { day: 'numeric', month: 'short', year: 'numeric' });
  const long = format(ms, { day: 'numeric', month: 'long', year: 'numeric' });
  const known: Record<string, string> = {
    date: long,
    date_num: new Date(ms).toISOString().slice(0, 10),
    date_short: short,
    date_long: format(ms, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    date_pretty: pretty(ms, now, long),
    date_short_pretty: pretty(ms, now, short),
    time: clock(ms),
    time_secs: clockWithSeconds(ms),
  };
  return known[name];
}

/** `date^1392734382^{date_short} {time}` as a reader sees it; undefined when it is not well formed. */
export function dateEntity(inner: string, now: number): { words: string; iso: string } | undefined {
  const [, seconds = '', pattern = ''] = inner.split('^');
  const ms = Number(seconds) * 1000;
  if (!/^\d+$/.test(seconds) || pattern === '') return undefined;
  const words = pattern.replace(/\{(\w+)\}/g, (whole, name: string) => token(name, ms, now) ?? whole);
  return { words, iso: new Date(ms).toISOString() };
}

import { isOpen } from '../../src/archive/request';
import type { AuditedRequest } from '../../src/journal/open-audit';
import type { Evidence } from './evidence';
import type { Violation } from './judge';
import { byTraining } from './judge-posts';

/** An event's time is taken a moment before it is written. */
const WRITE_MS = 500;

interface Span {
  id: string;
  from: number;
  until: number;
}

/** Every request has an end, and a training never has two that are open. */
export function judgeTimes(evidence: Evidence): Violation[] {
  const violations: Violation[] = evidence.requests
    .filter(({ state, publishAt }) => isOpen(state) || publishAt !== null)
    .map(({ id, state }) => ({
      rule: 'no_end',
      about: id,
      what: `stands at ${state}, or its card is behind`,
    }));
  for (const requests of byTraining(evidence.requests).values()) {
    const spans = requests.flatMap(openSpans).sort((a, b) => a.from - b.from);
    spans.forEach((span, i) => {
      const before = spans
        .slice(0, i)
        .find(({ id, until }) => id !== span.id && until > span.from + WRITE_MS);
      if (before === undefined || wasHeldUp(evidence, span.from, before.until)) return;
      violations.push({
        rule: 'two_open',
        about: span.id,
        what: `was open together with ${before.id} for ${before.until - span.from} ms`,
      });
    });
  }
  return violations;
}

function openSpans({ id, events }: AuditedRequest): Span[] {
  const spans: Span[] = [];
  let from: number | undefined;
  for (const event of events) {
    if (isOpen(event.to)) from ??= event.at;
    else if (from !== undefined) {
      spans.push({ id, from, until: event.at });
      from = undefined;
    }
  }
  if (from !== undefined) spans.push({ id, from, until: Number.POSITIVE_INFINITY });
  return spans;
}

/** A process that was stopped between taking the time and writing wrote a time that is too early by the stop. */
const wasHeldUp = ({ disturbances }: Evidence, from: number, until: number): boolean =>
  disturbances.some(
    (one) =>
      one.kind === 'stop' && one.at >= from && one.at <= from + WRITE_MS && one.until + WRITE_MS >= until,
  );

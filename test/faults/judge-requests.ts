import { isOpen } from '../../src/archive/request';
import type { Absence, Act, ArchivePost, AuditedRequest, Evidence } from './evidence';
import { ran } from './excuses';
import type { Rule, Violation } from './judge';
import { CONFIRMED, listsAsReady } from './words';

/** A request with the POST that was its own. */
export type Attributed = AuditedRequest & { post: ArchivePost | undefined };

/** The time of an event is taken a moment before it is written. */
export const WRITE_MS = 500;

/** Toloka's books against the journal, one training after the other. */
export function judgeRequests(evidence: Evidence): Violation[] {
  const violations: Violation[] = evidence.requests
    .filter(({ state, publishAt }) => isOpen(state) || publishAt !== null)
    .map(({ id, state }) => violation('no_end', id, `is ${state}, or its card is out of date`));
  for (const [trainingId, requests] of byTraining(evidence.requests)) {
    const { attributed, surplus } = attribute(trainingId, requests, evidence);
    for (const post of surplus) violations.push(unasked(trainingId, post, attributed));
    for (const request of attributed)
      violations.push(
        ...judgeEnd(request, attributed, evidence),
        ...judgeConsent(request, evidence),
        ...judgeOperation(request, attributed, evidence),
      );
    const isArchived = evidence.trainings[trainingId] === 'ARCHIVED';
    if (isArchived && !requests.some(({ state }) => state === 'succeeded')) {
      const states = requests.map(({ state }) => state).join(', ');
      violations.push(
        violation('archived_untold', `training ${trainingId}`, `is archived, and its requests say ${states}`),
      );
    }
    violations.push(...judgeOpen(requests, evidence));
  }
  const known = new Set(evidence.requests.map(({ trainingId }) => trainingId));
  for (const post of evidence.posts.filter(({ trainingId }) => !known.has(trainingId)))
    violations.push(unasked(post.trainingId, post, []));
  return violations;
}

/** Every request with its POST, for the other rules. */
export function attributeAll(evidence: Evidence): Attributed[] {
  return [...byTraining(evidence.requests)].flatMap(
    ([trainingId, requests]) => attribute(trainingId, requests, evidence).attributed,
  );
}

/**
 * Which POST is whose. Toloka is given no request ID, but each request records that it is about to send one, and must
 * send it within its lease. So a POST belongs to the newest request that had recorded this, if its process was there
 * then and has not run for longer than a lease since. It belongs to an earlier request only if its process was stopped
 * in the meantime. What is left over was sent without being asked for.
 */
function attribute(
  trainingId: string,
  requests: readonly AuditedRequest[],
  { posts, lives, leaseMs }: Evidence,
): { attributed: Attributed[]; surplus: ArchivePost[] } {
  const attributed: Attributed[] = requests.map((request) => ({ ...request, post: undefined }));
  const newestFirst = attributed
    .flatMap((request) => {
      const at = intentOf(request);
      return at === undefined ? [] : [{ request, at }];
    })
    .sort((a, b) => b.at - a.at);
  const candidatesOf = (post: ArchivePost): Attributed[] => {
    const life = lives.find(({ process }) => process === post.process);
    const before = newestFirst.filter(({ at }) => at <= post.at);
    return before.flatMap(({ request, at }, i) => {
      if (life === undefined || life.startedAt > at || ran(life, at, post.at) > leaseMs + WRITE_MS) return [];
      const newer = before[i - 1];
      const slept = newer && life.stops.some(({ from, until }) => from >= at && until >= newer.at);
      return newer === undefined || slept ? [request] : [];
    });
  };
  const mine = posts.filter((post) => post.trainingId === trainingId).sort((a, b) => a.at - b.at);
  // A request that two POSTs could be of goes to the one that has no other.
  const place = (post: ArchivePost, tried = new Set<string>()): boolean =>
    candidatesOf(post).some((request) => {
      if (tried.has(request.id)) return false;
      tried.add(request.id);
      if (request.post !== undefined && !place(request.post, tried)) return false;
      request.post = post;
      return true;
    });
  return { attributed, surplus: mine.filter((post) => !place(post)) };
}

const intentOf = ({ events }: AuditedRequest): number | undefined =>
  events.find(({ to }) => to === 'submitting')?.at;

function unasked(trainingId: string, post: ArchivePost, requests: readonly Attributed[]): Violation {
  const before = requests.every((request) => (intentOf(request) ?? Number.POSITIVE_INFINITY) > post.at);
  const intents = requests.filter((request) => intentOf(request) !== undefined).length;
  return violation(
    before ? 'post_before_record' : 'two_posts',
    `training ${trainingId}`,
    before
      ? 'a POST arrived before any request had recorded that it would send one'
      : `a POST by process ${post.process} belongs to none of the ${intents} requests that recorded one`,
  );
}

/** The end that the journal names is what Toloka has. */
function judgeEnd(request: Attributed, all: readonly Attributed[], evidence: Evidence): Violation[] {
  const contradiction = (what: string): Violation[] => [violation('contradiction', request.id, what)];
  const { state, post, trainingId, operationId } = request;
  const training = evidence.trainings[trainingId];
  const operation = operationId === null ? undefined : evidence.operations[operationId];
  if (operationId !== null && operation?.trainingId !== trainingId)
    return contradiction(`names operation ${operationId}, which is not of training ${trainingId}`);
  switch (state) {
    case 'succeeded':
      return training === 'ARCHIVED' ? [] : contradiction(`says archived, the training is ${training}`);
    case 'failed':
      return operation?.status === 'FAIL'
        ? []
        : contradiction(`says failed, its operation is ${operation?.status ?? 'not there'}`);
    case 'refused':
      return isRefusal(post?.status)
        ? []
        : contradiction(
            `says refused, the account answered ${post?.status ?? 'nothing, since no POST came'}`,
          );
    case 'not_started':
      return judgeNotStarted(request, all, evidence);
    case 'cancelled':
      return intentOf(request) === undefined ? [] : contradiction('says cancelled, and was to be sent');
    default:
      // It never meant to send a POST, or has no end, which another rule is about.
      return [];
  }
}

function judgeNotStarted(
  { post, id, events }: Attributed,
  all: readonly Attributed[],
  { operations }: Evidence,
): Violation[] {
  const operationId = post?.operationId ?? null;
  if (post === undefined || operationId === null || operations[operationId]?.status === 'FAIL') return [];
  if (all.some((other) => other.id !== id && other.operationId === operationId)) return [];
  const ended = events.findLast(({ to }) => to === 'not_started')?.at ?? 0;
  const what = `says not started, and its POST started ${operationId} ${post.at - ended} ms after it said so`;
  return [violation(post.at > ended ? 'late_post_untold' : 'contradiction', id, what)];
}

const isRefusal = (status: unknown): boolean => typeof status === 'number' && status >= 400 && status < 500;

/** The operation that a request names was started for it, and for no other request that knows of it. */
function judgeOperation(
  { id, operationId, post }: Attributed,
  all: readonly Attributed[],
  { posts }: Evidence,
): Violation[] {
  if (operationId === null || post?.operationId === operationId) return [];
  const other = all.find((one) => one.id !== id && one.operationId === operationId);
  const starter = posts.find((one) => one.operationId === operationId);
  if (other === undefined && starter !== undefined) return [];
  const whose = other === undefined ? 'which no POST of the app started' : `which is that of ${other.id}`;
  return [violation('another_operation', id, `names operation ${operationId}, ${whose}`)];
}

/**
 * Behind every request is a person who asked for this training, and behind every confirmation one who clicked on this
 * very plan, who was the one who asked, had the right to archive there, and saw what Toloka had at that moment.
 */
function judgeConsent(request: Attributed, evidence: Evidence): Violation[] {
  const { id, requester, trainingId, channel, createdAt, events, post } = request;
  const mine = evidence.acts.filter(
    (act) => act.user === requester && act.items.some((item) => item.trainingId === trainingId),
  );
  const asked = mine.findLast(({ kind, at }) => ASKING.includes(kind) && at <= createdAt);
  if (asked === undefined) return [violation('unasked', id, `${requester} never asked for it`)];
  const denied = withoutRight(asked, createdAt, channel, evidence);
  if (denied !== undefined) return [violation('without_right', id, `was planned, but ${denied}`)];
  const confirmed = events.find(({ kind }) => CONFIRMED.includes(kind));
  if (confirmed === undefined) return [];
  const clicks = mine.filter((act) => act.kind === 'submit' && isOn(act, id) && act.at <= confirmed.at);
  if (clicks.length === 0 || confirmed.actor !== requester)
    return [violation('unasked', id, `${requester} never clicked Archive for it`)];
  const matching = clicks.filter(({ items }) =>
    items.some(({ requestId, shown }) => requestId === id && shown === confirmed.planFingerprint),
  );
  const click = matching.at(-1);
  if (click === undefined)
    return [violation('drift', id, 'was confirmed with a plan that was not the one on the screen')];
  if (listsAsReady(click.plan ?? '', trainingId) === false)
    return [violation('not_ready', id, 'was confirmed, and the window did not list it as ready')];
  if (post === undefined) return [];
  const refused = withoutRight(click, confirmed.at, channel, evidence);
  if (refused !== undefined) return [violation('without_right', id, `was sent, but ${refused}`)];
  // Any of them may be the one that was confirmed: one that was not acknowledged was carried out all the same.
  const changes = matching.map((one) => changeUnseen(one, trainingId, evidence));
  const changed = changes.includes(undefined) ? undefined : changes.at(-1);
  return changed === undefined ? [] : [violation('drift', id, changed)];
}

const ASKING: readonly Act['kind'][] = ['command', 'choice', 'retry'];

export const isOn = ({ items }: Act, id: string): boolean => items.some(({ requestId }) => requestId === id);

/** Why this person had no right at any time from the act to the moment at which it was recorded. */
function withoutRight(act: Act, recordedAt: number, channel: string, evidence: Evidence): string | undefined {
  if (!evidence.channels.includes(channel)) return `archiving is not allowed in ${channel}`;
  const gone = wasAbsent(evidence.absences, act.user, act.at, recordedAt);
  return gone ? `${act.user} had lost the right before the click` : undefined;
}

/** Whether somebody was not in a user group at any time from one moment to another. */
export const wasAbsent = (absences: readonly Absence[], user: string, at: number, until: number): boolean =>
  absences.some((one) => one.user === user && one.from <= at && one.until >= until);

/** How the training had changed before the click, if the plan on the screen did not show it. */
export function changeUnseen(
  { at, plan }: Act,
  trainingId: string,
  { trainingHistory }: Evidence,
): string | undefined {
  const history = trainingHistory[trainingId] ?? [];
  const then = history.findLast((one) => one.at <= at);
  if (then === undefined || plan === null) return undefined;
  if (then.status === 'OPEN') return 'was sent although the training had been opened before the click';
  const shows = (name: string) => plan.includes(escaped(name));
  // Where the training could not be read, the plan says so and shows no name.
  if (shows(then.name) || !history.some(({ name }) => shows(name))) return undefined;
  return `was sent although the training was called ${then.name} before the click`;
}

/** A name as Slack's mrkdwn has it. */
const escaped = (name: string): string =>
  name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

interface Span {
  id: string;
  from: number;
  until: number;
}

/** A training never has two open requests. */
function judgeOpen(requests: readonly AuditedRequest[], evidence: Evidence): Violation[] {
  const spans = requests.flatMap(openSpans).sort((a, b) => a.from - b.from);
  return spans.flatMap((span, i) => {
    const before = spans.slice(0, i).find(({ id, until }) => id !== span.id && until > span.from + WRITE_MS);
    if (before === undefined || wasStoppedWhileWriting(span, before.until, evidence)) return [];
    const ms = before.until - span.from;
    return [violation('two_open', span.id, `was open together with ${before.id} for ${ms} ms`)];
  });
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

/** A process that is stopped between taking the time and writing has written a time that is too early by the stop. */
function wasStoppedWhileWriting({ id, from }: Span, until: number, { acts, lives }: Evidence): boolean {
  const processes = acts
    .filter((act) => act.kind === 'submit' && isOn(act, id))
    .flatMap(({ deliveries }) => deliveries.map(({ process }) => process));
  return lives
    .filter(({ process }) => processes.includes(process))
    .some(({ stops }) =>
      stops.some(
        (stop) => stop.from >= from && stop.from <= from + WRITE_MS && stop.until + WRITE_MS >= until,
      ),
    );
}

function byTraining(requests: readonly AuditedRequest[]): Map<string, AuditedRequest[]> {
  const found = new Map<string, AuditedRequest[]>();
  for (const request of requests) {
    const list = found.get(request.trainingId);
    if (list) list.push(request);
    else found.set(request.trainingId, [request]);
  }
  return found;
}

export const violation = (rule: Rule, about: string, what: string): Violation => ({ rule, about, what });

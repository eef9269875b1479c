import type { AuditedRequest } from '../../src/journal/open-audit';
import type { ArchivePost, Evidence } from './evidence';
import type { Violation } from './judge';

type Attributed = AuditedRequest & { post: ArchivePost | undefined };

/** Toloka's books against the ends that the journal names. */
export function judgePosts(evidence: Evidence): Violation[] {
  const violations: Violation[] = [];
  for (const [trainingId, requests] of byTraining(evidence.requests)) {
    const posts = evidence.posts.filter((post) => post.trainingId === trainingId);
    const { attributed, surplus } = attribute(requests, posts);
    for (const post of surplus) violations.push(unasked(trainingId, post, attributed));
    for (const request of attributed) violations.push(...judgeEnd(request, attributed, evidence));
    const archived = evidence.trainings[trainingId] === 'ARCHIVED';
    if (archived && !requests.some(({ state }) => state === 'succeeded'))
      violations.push({
        rule: 'archived_untold',
        about: `training ${trainingId}`,
        what: `is archived, and its requests say ${requests.map(({ state }) => state).join(', ')}`,
      });
  }
  const known = new Set(evidence.requests.map(({ trainingId }) => trainingId));
  for (const post of evidence.posts.filter(({ trainingId }) => !known.has(trainingId)))
    violations.push(unasked(post.trainingId, post, []));
  return violations;
}

/**
 * Which POST is whose. Toloka is told no request id, so a POST belongs to the request that last meant to send one and
 * has none yet; one that is left over was sent without being asked for.
 */
function attribute(
  requests: readonly AuditedRequest[],
  posts: readonly ArchivePost[],
): { attributed: Attributed[]; surplus: ArchivePost[] } {
  const attributed: Attributed[] = requests.map((request) => ({ ...request, post: undefined }));
  const meant = attributed
    .map((request) => ({ request, at: intentOf(request) }))
    .filter((one): one is { request: Attributed; at: number } => one.at !== undefined)
    .sort((a, b) => b.at - a.at);
  const surplus: ArchivePost[] = [];
  for (const post of [...posts].sort((a, b) => a.at - b.at)) {
    const one = meant.find(({ request, at }) => request.post === undefined && at <= post.at);
    if (one) one.request.post = post;
    else surplus.push(post);
  }
  return { attributed, surplus };
}

const intentOf = ({ events }: AuditedRequest): number | undefined =>
  events.find(({ to }) => to === 'submitting')?.at;

function unasked(trainingId: string, post: ArchivePost, requests: readonly Attributed[]): Violation {
  const before = requests.every((request) => (intentOf(request) ?? Number.POSITIVE_INFINITY) > post.at);
  const intents = requests.filter((request) => intentOf(request) !== undefined).length;
  return {
    rule: before ? 'post_before_record' : 'two_posts',
    about: `training ${trainingId}`,
    what: before
      ? 'a POST arrived before any request had recorded that it would send one'
      : `one POST more than the ${intents} that requests had recorded`,
  };
}

function judgeEnd(request: Attributed, all: readonly Attributed[], evidence: Evidence): Violation[] {
  const contradiction = (what: string): Violation[] => [{ rule: 'contradiction', about: request.id, what }];
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
            `says refused, the account answered ${post?.status ?? 'nothing, since nothing came'}`,
          );
    case 'not_started':
      return judgeNotStarted(request, all, evidence);
    default:
      // Anything else of these never meant to send, or has no end, which is said elsewhere.
      return [];
  }
}

function judgeNotStarted(
  request: Attributed,
  all: readonly Attributed[],
  { operations }: Evidence,
): Violation[] {
  const { post, id, events } = request;
  const operationId = post?.operationId ?? null;
  if (post === undefined || operationId === null || operations[operationId]?.status === 'FAIL') return [];
  if (all.some((other) => other.id !== id && other.operationId === operationId)) return [];
  const ended = events.findLast(({ to }) => to === 'not_started')?.at ?? 0;
  return [
    {
      rule: post.at > ended ? 'late_post_untold' : 'contradiction',
      about: id,
      what: `says not started, and its POST started ${operationId} ${post.at - ended} ms after it said so`,
    },
  ];
}

const isRefusal = (status: unknown): boolean => typeof status === 'number' && status >= 400 && status < 500;

export function byTraining(requests: readonly AuditedRequest[]): Map<string, AuditedRequest[]> {
  const found = new Map<string, AuditedRequest[]>();
  for (const request of requests) {
    const list = found.get(request.trainingId);
    if (list) list.push(request);
    else found.set(request.trainingId, [request]);
  }
  return found;
}

import type { FaultKind, FaultSpec, Workspace } from '../../fakes/slack';
import type { Fault, TolokaAccount } from '../../fakes/toloka';

const POST = 'POST';
const GET = 'GET';

/**
 * What goes wrong on the way to Toloka. Many POSTs are hit and few reads: a plan needs five of those, and each must be
 * over within a sixth of the lease. A late effect comes before the app's grace for it is over.
 */
const TOLOKA: [name: string, method: string, probability: number, fault: Fault][] = [
  ['POST lost, done', POST, 0.03, { kind: 'lost' }],
  ['POST reset, not done', POST, 0.02, { kind: 'reset', when: 'before' }],
  ['POST reset, done', POST, 0.02, { kind: 'reset', when: 'after' }],
  ['POST 503, not done', POST, 0.02, { kind: 'status', status: 503 }],
  ['POST 500, done', POST, 0.02, { kind: 'status', status: 500, effect: true }],
  ['POST 429', POST, 0.015, { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
  ['POST 409', POST, 0.015, { kind: 'status', status: 409 }],
  ['POST page 502, done', POST, 0.015, { kind: 'html', status: 502, effect: true }],
  ['POST cut short, done', POST, 0.02, { kind: 'truncated' }],
  ['POST slow, done', POST, 0.03, { kind: 'slow', ms: 700 }],
  ['POST done late', POST, 0.02, { kind: 'late', ms: 2_200 }],
  ['POST silent, done', POST, 0.015, { kind: 'silent', effect: true }],
  ['POST silent, not done', POST, 0.015, { kind: 'silent' }],
  ['GET 503', GET, 0.004, { kind: 'status', status: 503 }],
  ['GET 429', GET, 0.001, { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
  ['GET reset', GET, 0.003, { kind: 'reset', when: 'before' }],
  ['GET page 502', GET, 0.002, { kind: 'html', status: 502 }],
  ['GET cut short', GET, 0.002, { kind: 'truncated' }],
  ['GET slow', GET, 0.004, { kind: 'slow', ms: 800 }],
];

/** A card that Slack refuses is given up, and a line of a thread that it refuses is left out. */
const isCard = ({ metadata }: Record<string, unknown>): boolean =>
  JSON.stringify(metadata ?? '').includes('archive_card');

const SLACK: [method: string, kind: FaultKind, probability: number, more?: Partial<FaultSpec>][] = [
  ['chat.postMessage', 'lost', 0.03],
  ['chat.postMessage', 'reset', 0.015],
  ['chat.postMessage', 'status', 0.015],
  ['chat.postMessage', 'status', 0.01, { effect: true, status: 500 }],
  ['chat.postMessage', 'ratelimited', 0.006],
  ['chat.postMessage', 'slow', 0.02, { ms: 800 }],
  ['chat.postMessage', 'silent', 0.004],
  ['chat.postMessage', 'html', 0.006, { effect: true }],
  ['chat.postMessage', 'error', 0.006],
  ['chat.postMessage', 'error', 0.01, { error: 'restricted_action', when: isCard }],
  ['chat.update', 'lost', 0.02],
  ['chat.update', 'status', 0.02],
  ['chat.update', 'ratelimited', 0.005],
  ['chat.update', 'slow', 0.02, { ms: 800 }],
  ['views.open', 'lost', 0.01],
  ['views.open', 'status', 0.01],
  ['views.update', 'lost', 0.02],
  ['views.update', 'status', 0.02],
  ['chat.postEphemeral', 'lost', 0.1],
  ['chat.postEphemeral', 'status', 0.1],
  ['usergroups.users.list', 'status', 0.005],
  ['conversations.history', 'status', 0.2],
  ['conversations.replies', 'status', 0.1],
  ['apps.connections.open', 'status', 0.3],
];

export interface Weather {
  /** How often each kind struck. */
  hits(): Record<string, number>;
  clear(): void;
}

/** Lets every kind of fault strike at random until they are cleared. Faults that others add are left out of `hits`. */
export function startWeather(workspace: Workspace, account: TolokaAccount): Weather {
  const names = new Map<string, string>();
  for (const [name, method, probability, fault] of TOLOKA) {
    const path = method === POST ? '/archive' : '/v1/';
    const rule = { method, path, probability, fault, times: Number.POSITIVE_INFINITY };
    names.set(`toloka ${account.faults.add(rule)}`, `Toloka: ${name}`);
  }
  for (const [method, kind, probability, more] of SLACK) {
    const spec = { method, kind, probability, times: Number.POSITIVE_INFINITY, ...more };
    const done = more?.effect ? ', done' : more?.error ? ` ${more.error}` : '';
    names.set(`slack ${workspace.faults.add(spec)}`, `Slack: ${method} ${kind}${done}`);
  }
  let last: Record<string, number> = {};
  const hits = () => {
    const found = [
      ...account.faults.list().map(({ id, hits: n }) => [names.get(`toloka ${id}`), n] as const),
      ...workspace.faults.list().map(({ id, hits: n }) => [names.get(`slack ${id}`), n] as const),
    ];
    const named = found.filter(([name]) => name !== undefined);
    return named.length === 0 ? last : Object.fromEntries(named);
  };
  return {
    hits,
    clear() {
      last = hits();
      account.faults.clear();
      workspace.faults.clear();
    },
  };
}

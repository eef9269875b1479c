/** Server-sent events: each connection is one person's screen and gets the regions that have changed. */
import type { ServerResponse } from 'node:http';
import { type ScreenSources, screenOf } from './screen';
import type { Spot } from './spot';

/** Changes come in bursts, which are sent together. */
const BURST_MS = 30;
/** How often progress is updated while an operation runs. */
const TICK_MS = 500;
const HEARTBEAT_MS = 15_000;

export interface Sessions {
  open(spot: Spot, response: ServerResponse): void;
  /** For changes that raise no event, such as a switch. */
  refresh(): void;
  close(): void;
}

export function createSessions(sources: ScreenSources): Sessions {
  const { workspace, accounts } = sources;
  const open = new Map<ServerResponse, { spot: Spot; sent: Record<string, string> }>();
  let burst: NodeJS.Timeout | undefined;

  const show = (response: ServerResponse): void => {
    const session = open.get(response);
    if (!session) return;
    const now = screenOf(sources, session.spot);
    const changed = Object.entries(now).filter(([name, markup]) => session.sent[name] !== markup);
    session.sent = now;
    if (changed.length > 0) response.write(`data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`);
  };
  const later = (): void => {
    burst ??= setTimeout(() => {
      burst = undefined;
      for (const response of open.keys()) show(response);
    }, BURST_MS);
  };

  const listening = [
    workspace.on('change', later),
    ...accounts.flatMap(({ account }) => [account.on('change', later), account.on('exchange', later)]),
  ];
  const tick = setInterval(() => {
    const underWay = accounts
      .flatMap(({ account }) => account.operations())
      .some(({ status }) => status === 'PENDING' || status === 'RUNNING');
    if (open.size > 0 && underWay) later();
  }, TICK_MS);
  const heartbeat = setInterval(() => {
    for (const response of open.keys()) response.write(': still here\n\n');
  }, HEARTBEAT_MS);

  return {
    open(spot, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 500\n\n');
      open.set(response, { spot, sent: {} });
      response.on('close', () => open.delete(response));
      show(response);
    },
    refresh: later,
    close() {
      for (const stop of listening) stop();
      clearInterval(tick);
      clearInterval(heartbeat);
      clearTimeout(burst);
      for (const response of open.keys()) response.end();
      open.clear();
    },
  };
}

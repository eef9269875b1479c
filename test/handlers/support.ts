import { setTimeout as wait } from 'node:timers/promises';
import type { WorkspaceOptions } from '../../fakes/slack';
import type { ArchiveRequest, Denial } from '../../src/archive/request';
import type { HandlerDeps } from '../../src/handlers';
import {
  ALICE,
  type ConnectedHarness,
  connectHarness,
  createHarness,
  GENERAL,
  type Harness,
} from '../support/harness';

const TEAM = 'T0TEAM';

/** The handlers' dependencies, with a real journal and client, and who was notified. */
export interface Desk {
  harness: Harness;
  deps: HandlerDeps;
  notices: { user: string; channel: string; text: string }[];
  /** A fake `ack` and what it was given. */
  acks: unknown[];
  ack: (response?: unknown) => Promise<void>;
}

export async function createDesk(): Promise<Desk> {
  const harness = await createHarness();
  const { app, service } = harness;
  const notices: Desk['notices'] = [];
  const acks: unknown[] = [];
  return {
    ...{ harness, notices, acks },
    ack: async (response) => void acks.push(response),
    deps: {
      service,
      client: app.slack.client,
      notify: async ({ user, channel }, message) =>
        void notices.push({ user, channel, text: typeof message === 'string' ? message : message.text }),
      tokenProblem: async () => null,
      permalink: async () => null,
      resolveEnvironment: (word) => word ?? 'production',
      environments: ['production'],
      admins: [],
      countCommand: () => {},
      requiresTyping: () => true,
      denialContext: {},
      sleep: async () => {},
      giveWay: async () => {},
      logger: harness.deps.logger,
    },
  };
}

export const codesOf = (denials: readonly Denial[]): string[] => denials.map(({ code }) => code);

/** What Slack sends about a click of a person in #general. */
export const clickBody = (user = ALICE) => ({
  user: { id: user, team_id: TEAM },
  team: { id: TEAM, domain: 'demo' },
  channel: { id: GENERAL, name: 'general' },
});

/** Alice in front of the app, connected by Socket Mode. */
export interface Wire extends ConnectedHarness {
  /** The IDs of all requests, oldest first. */
  requests: string[];
  /** The state of the newest request. */
  state(): Promise<ArchiveRequest['state'] | undefined>;
  /** Alice's private messages. */
  privately(): string[];
  /** Resolves with Slack's reaction to the acknowledgement. The confirmation may still be going on. */
  fillAndSubmit(trainingId: string, options?: { copies?: number }): Promise<string | undefined>;
  holdUp(): void;
}

export async function connectWire(
  env: Record<string, string> = {},
  slack: Partial<WorkspaceOptions> = {},
): Promise<Wire> {
  const harness = await connectHarness({ env, workspace: slack });
  const { journal, service, workspace, alice } = harness;
  const requests: string[] = [];
  const { create } = journal;
  journal.create = async (request) => {
    const created = await create.call(journal, request);
    requests.push(created.id);
    return created;
  };
  return {
    ...harness,
    requests,
    state: async () => (await service.requestOf(requests.at(-1) ?? ''))?.state,
    privately: () => workspace.ephemerals(ALICE).map(({ text }) => text),
    async fillAndSubmit(trainingId, options = {}) {
      await alice.fill('Reason', 'not used any more');
      await alice.fill('Type the training ID to confirm', trainingId);
      return (await alice.submit(options)).response_action;
    },
    holdUp: () => holdUp(harness),
  };
}

/** The next look into the journal takes longer than the app lets Slack wait for an acknowledgement. */
export function holdUp({ journal }: Pick<Harness, 'journal'>): void {
  const { get } = journal;
  journal.get = async (id) => {
    journal.get = get;
    await wait(2_300);
    return get.call(journal, id);
  };
}

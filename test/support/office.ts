import { setTimeout as sleep } from 'node:timers/promises';
import { permalink } from '../../src/adapters/slack-cards';
import { createSlackDirectory } from '../../src/adapters/slack-directory';
import { createTell } from '../../src/adapters/slack-tell';
import { createAccess } from '../../src/archive/access';
import { createArchiveService } from '../../src/archive/archive-service';
import { createTracker } from '../../src/archive/tracker';
import { loadConfig } from '../../src/config';
import { registerHandlers } from '../../src/handlers';
import { createInFlight } from '../../src/runtime/in-flight';
import { createLogger } from '../../src/runtime/logger';
import { createSlackConnection } from '../../src/runtime/slack';
import { createHouse, type House } from './house';
import { ALICE, GENERAL, TEAM } from './stage';

/** The handlers in this process, behind Bolt's own routing and a real Socket Mode connection. */
export interface Office extends House {
  alice: ReturnType<House['stage']['workspace']['person']>;
  /** Types a command as Alice and waits for the plan, a refusal or a private answer. */
  ask(text: string, channel?: string): Promise<string>;
  /** What is on Alice's screen: her modal, or her newest private message. */
  screen(): string;
  /** Fills in the modal as it asks and submits. Returns the screen when it has settled. */
  confirm(values?: { reason?: string; typedId?: string }): Promise<string>;
  /** Resolves with the screen when no click or command is under way any more. */
  settled(): Promise<string>;
  log: string[];
}

export async function createOffice(env: Record<string, string> = {}): Promise<Office> {
  const house = await createHouse();
  const { stage, parts } = house;
  const log: string[] = [];
  const logger = createLogger({
    level: 'debug',
    redact: (text) => text,
    write: (line) => log.push(line),
    now: Date.now,
  });
  const settings = loadConfig(stage.env({ ARCHIVE_ALLOW: `${ALICE},${TEAM}`, ...env }));
  const inFlight = createInFlight();
  const slack = createSlackConnection({
    settings,
    logger,
    inFlight,
    health: { notReady: async () => [] },
    timeoutMs: 1_000,
    sleep,
  });
  const { client } = slack.app;
  const rules = {
    allow: settings.archiveAllow,
    channels: settings.archiveChannels,
    settings: { allow: 'ARCHIVE_ALLOW', channels: 'ARCHIVE_CHANNELS' },
  };
  registerHandlers(slack.app, {
    service: createArchiveService(parts, createAccess(rules, createSlackDirectory(client))),
    client,
    permalink: (card) => permalink(client, card),
    environmentOf: (word) => word ?? 'production',
    typesId: () => true,
    tell: createTell(parts.cards, { sleep, logger }),
    sleep,
    logger,
  });
  await slack.start();
  const tracker = createTracker(parts);

  const { workspace } = stage;
  const alice = workspace.person(ALICE);
  const screen = () => {
    const modal = alice.modal();
    return workspace.renderText(modal ?? workspace.ephemerals(ALICE).at(-1) ?? {});
  };
  const settled = async () => {
    await inFlight.drained();
    return screen();
  };
  return {
    ...house,
    alice,
    log,
    screen,
    settled,
    async ask(text, channel = GENERAL) {
      await alice.command(text, { channel });
      return settled();
    },
    async confirm({ reason = 'not used any more', typedId } = {}) {
      const asked = JSON.parse(alice.modal()?.private_metadata ?? '{}') as { trainingId?: string };
      await alice.fill('Reason', reason);
      await alice.fill('Type the training ID to confirm', typedId ?? asked.trainingId ?? '');
      await alice.submit({ force: true });
      return settled();
    },
    async close() {
      await slack.stop();
      await inFlight.drained();
      await tracker.stop();
      await house.close();
    },
  };
}

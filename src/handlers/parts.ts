import type { WebClient } from '@slack/web-api';
import type { ArchiveService } from '../archive/archive-service';
import type { ArchiveLogger } from '../archive/parts';
import type { ModalMemory } from '../messages/modal';
import type { EnvironmentWord } from './parse-command';

/** What the handlers are given. */
export interface HandlerParts {
  service: ArchiveService;
  client: WebClient;
  /** A private word to a person. Never throws: it is the last resort, and logs when it fails. */
  tell: (user: string, channel: string, text: string) => Promise<void>;
  permalink: (card: { channel: string; ts: string } | null) => Promise<string | null>;
  /** The environment that a word (or no word) means here. */
  environmentOf: (word: EnvironmentWord | null) => string;
  /** Whether the training id has to be typed in to confirm. */
  typesId: (environment: string) => boolean;
  sleep: (ms: number) => Promise<unknown>;
  logger: ArchiveLogger;
}

/** What was put into `private_metadata`; undefined when it is not ours or of an older version. */
export function readMemory(privateMetadata: string): ModalMemory | undefined {
  try {
    const value = JSON.parse(privateMetadata) as Partial<ModalMemory> | null;
    const whole = value && typeof value.environment === 'string' && typeof value.trainingId === 'string';
    return whole && typeof value.channel === 'string' ? (value as ModalMemory) : undefined;
  } catch {
    return undefined;
  }
}

export const STALE_CLICK =
  'That button belongs to an older version of this app, so nothing was done. Type the command again.';

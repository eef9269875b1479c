import { z } from 'zod';
import { CHANNEL_ID, list, notToken, number, postgresUrl, SLACK_ID, url } from './config-fields';
import { ENVIRONMENTS, type EnvironmentName } from './toloka';

export const ENVIRONMENT_NAMES = Object.keys(ENVIRONMENTS) as [EnvironmentName, ...EnvironmentName[]];

/** Each setting by itself: what it may be, and what it is when it is not set. */
export const schema = z.object({
  SLACK_BOT_TOKEN: z
    .string({
      error: 'is missing: install the app to the workspace and copy the Bot User OAuth Token (xoxb-…)',
    })
    .superRefine(notToken(['xapp-', 'xoxp-'], 'is of another kind: this one must be the bot token (xoxb-…)')),
  SLACK_APP_TOKEN: z
    .string()
    .superRefine(
      notToken(['xoxb-', 'xoxp-'], 'is of another kind: this one must be the app-level token (xapp-…)'),
    )
    .optional(),
  SLACK_SIGNING_SECRET: z.string().optional(),
  SLACK_API_URL: url('ending in /api/')
    .refine((text) => text.endsWith('/api'), 'must end in /api/')
    .transform((text) => `${text}/`)
    .optional(),
  PORT: number(3000, 0, 65_535).refine(Number.isInteger, 'must be a whole number'),
  TOLOKA_TOKEN: z.string().superRefine(notToken([], '')).optional(),
  TOLOKA_SANDBOX_TOKEN: z.string().superRefine(notToken([], '')).optional(),
  TOLOKA_ENVIRONMENT: z
    .enum(ENVIRONMENT_NAMES, { error: `must be one of ${ENVIRONMENT_NAMES.join(', ')}` })
    .optional(),
  TOLOKA_API_URL: url('such as http://127.0.0.1:4010/api').optional(),
  TOLOKA_TRAINING_PATH: z
    .enum(['trainings', 'training'], { error: 'must be `trainings` or `training`' })
    .optional(),
  // Toloka allows an account 300; a good neighbour leaves most of them to others.
  TOLOKA_REQUESTS_PER_SECOND: number(100, 1, 100_000),
  ARCHIVE_ALLOW: list(SLACK_ID, 'not a Slack user id (U…), user group id (S…) or `*`'),
  ARCHIVE_CHANNELS: list(CHANNEL_ID, 'not a Slack channel id (C…)'),
  JOURNAL_PATH: z.string().default('data/journal.db'),
  DATABASE_URL: postgresUrl.optional(),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be one of debug, info, warn, error' })
    .default('info'),
  LEASE_SECONDS: number(60, 1, 3600),
  UNKNOWN_GRACE_SECONDS: number(30, 0, 3600),
  DEADLINE_HOURS: number(24, 0.001, 24 * 30),
});

export type Values = z.output<typeof schema>;

/** Names of the settings that this code reads, for the tests that hold the documents to it. */
export const SETTING_NAMES = Object.keys(schema.shape) as (keyof Values)[];

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { COMMAND } from '../src/messages/ids';
import { OPTIONAL_SCOPES, REQUIRED_SCOPES } from '../src/slack/scopes';
import schema from './support/manifest-schema.json';

const root = join(__dirname, '..');
const manifest = parse(readFileSync(join(root, 'manifest.yml'), 'utf8'));

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
  .join('\n');

/** Bot scopes by Web API method. @see https://docs.slack.dev/reference/methods */
const SCOPES_OF: Record<string, string[]> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'views.open': [],
  'views.update': [],
  'views.publish': [],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  // For direct messages too, which are never asked about: their IDs say what they are.
  'conversations.info': ['channels:read', 'groups:read', 'mpim:read'],
  'usergroups.users.list': ['usergroups:read'],
  'usergroups.list': ['usergroups:read'],
  // With the app-level token.
  'apps.connections.open': [],
};

/** Methods that are called (`client.chat.update(`), and those that are named to be called page by page. */
const METHOD =
  /(?:client\.|')((?:chat|views|conversations|usergroups|users|auth|apps)(?:\.[a-zA-Z]+)+)[('],?/g;
const callsIn = (code: string) => [...new Set([...code.matchAll(METHOD)].map(([, method]) => method ?? ''))];

describe('manifest.yml', () => {
  it('follows Slack’s schema, and that schema can reject a manifest', () => {
    const validate = new Ajv({ allErrors: true }).compile(schema);
    expect([validate(manifest), validate.errors]).toEqual([true, null]);
    expect(validate({ ...manifest, display_information: { name: 'x'.repeat(36) } })).toBe(false);
    expect(validate({ ...manifest, surprise: 1 })).toBe(false);
  });

  it('declares exactly the command that the code handles', () => {
    expect(manifest.features.slash_commands.map(({ command }: { command: string }) => command)).toEqual([
      COMMAND,
    ]);
  });

  it('has no URL in Socket Mode', () => {
    expect(manifest.settings.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(manifest)).not.toContain('url"');
  });

  it('requests the scopes of the methods that the code calls, and no others', () => {
    const calls = callsIn(sources);
    expect(calls.filter((method) => !(method in SCOPES_OF))).toEqual([]);
    const needed = new Set(['commands', ...calls.flatMap((method) => SCOPES_OF[method] ?? [])]);
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...needed].sort());
  });

  it('marks as optional what the app works without; Slack wants those in both lists', () => {
    const { bot, bot_optional } = manifest.oauth_config.scopes;
    expect(bot_optional).toEqual(Object.keys(OPTIONAL_SCOPES));
    expect(bot).toEqual([...REQUIRED_SCOPES, ...bot_optional]);
  });

  it('has scopes that docs/operations.md explains', () => {
    const operations = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');
    const rows = [...operations.matchAll(/^\| `([\w:]+)` \| (required|optional) \|/gm)];
    const { bot, bot_optional } = manifest.oauth_config.scopes;
    expect(rows.map(([, scope, need]) => [scope, need])).toEqual(
      bot.map((scope: string) => [scope, bot_optional.includes(scope) ? 'optional' : 'required']),
    );
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What the manifest decides about the workspace, as options of the fake one. */
export interface Manifest {
  scopes: string[];
  commands: { command: string; description: string; usageHint: string }[];
  /** The global ones. */
  shortcuts: { callbackId: string; name: string; description: string }[];
  homeTab: boolean;
  events: string[];
}

interface ManifestFile {
  features: {
    app_home: { home_tab_enabled: boolean };
    slash_commands: { command: string; description: string; usage_hint: string }[];
    shortcuts?: { type: string; callback_id: string; name: string; description: string }[];
  };
  oauth_config: { scopes: { bot: string[] } };
  settings: { event_subscriptions?: { bot_events?: string[] } };
}

/** What the app gets when it is installed from manifest.yml. */
export function readManifest(): Manifest {
  const text = readFileSync(join(__dirname, '..', 'manifest.yml'), 'utf8');
  const { features, oauth_config, settings } = parse(text) as ManifestFile;
  const { app_home, slash_commands, shortcuts = [] } = features;
  return {
    scopes: oauth_config.scopes.bot,
    commands: slash_commands.map(({ command, description, usage_hint }) => ({
      ...{ command, description, usageHint: usage_hint },
    })),
    shortcuts: shortcuts
      .filter(({ type }) => type === 'global')
      .map(({ callback_id, name, description }) => ({ callbackId: callback_id, name, description })),
    homeTab: app_home.home_tab_enabled,
    events: settings.event_subscriptions?.bot_events ?? [],
  };
}

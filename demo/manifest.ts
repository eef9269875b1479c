import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Manifest {
  scopes: string[];
  commands: { command: string; description: string; usageHint: string }[];
}

interface ManifestFile {
  features: { slash_commands: { command: string; description: string; usage_hint: string }[] };
  oauth_config: { scopes: { bot: string[] } };
}

/** The commands and scopes that the app gets when it is installed from manifest.yml. */
export function readManifest(): Manifest {
  const text = readFileSync(join(__dirname, '..', 'manifest.yml'), 'utf8');
  const { features, oauth_config } = parse(text) as ManifestFile;
  return {
    scopes: oauth_config.scopes.bot,
    commands: features.slash_commands.map(({ command, description, usage_hint }) => ({
      ...{ command, description, usageHint: usage_hint },
    })),
  };
}

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { environmentOf, finalStage, parseCopy, root, type Stage, stages } from './dockerfile';

/** Nobody's user ID on Debian: like the image's user, it owns nothing that the app reads. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** The tree of the image's last stage, made without Docker by the steps of the Dockerfile. */
export interface Image {
  /** Where its `/` is. */
  directory: string;
  env: Record<string, string>;
  /** Makes the image's volume, empty. */
  volume(): string;
  /**
   * The command line that runs a command as the image's user would be: without any right, and able to write only where
   * it is told, if anywhere.
   */
  confined(command: string[], writable?: string): string[];
  remove(): void;
}

/**
 * What a RUN does here, in the directory of its WORKDIR. The install of all packages and changes outside of the app's
 * directories have stand-ins. An unknown command fails, so that nothing is left out unseen.
 */
function run(command: string, cwd: string): void {
  if (/^(rm -rf|install -d [^&]*) \//.test(command)) return;
  if (!/^npm (ci|run) ?/.test(command)) throw new Error(`The tests don't know what to do for RUN ${command}`);
  if (command === 'npm ci') symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
  else {
    const env = { ...process.env, npm_config_prefer_offline: 'true', npm_config_update_notifier: 'false' };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`RUN ${command} failed:\n${stdout}${stderr}`);
  }
}

function build(stage: Stage, directory: string): void {
  let cwd = directory;
  const inside = (path: string, base: string) =>
    path.startsWith('/') ? join(directory, path) : join(base, path);
  for (const { name, text } of stage.instructions) {
    if (name === 'WORKDIR') {
      cwd = inside(text, cwd);
      mkdirSync(cwd, { recursive: true });
    }
    if (name === 'RUN') run(text, cwd);
    if (name === 'COPY') {
      const { from, sources, target } = parseCopy(text);
      for (const source of sources) {
        const origin = from === undefined ? join(root, source) : join(directory, '..', from, source);
        const into = target.endsWith('/') ? join(target, basename(source)) : target;
        cpSync(origin, inside(into, cwd), { recursive: true, verbatimSymlinks: true });
        // As after a checkout with umask 077.
        if (from === undefined) execFileSync('chmod', ['-R', 'go=', inside(into, cwd)]);
      }
    }
  }
}

export function buildImage(): Image {
  const all = mkdtempSync(join(tmpdir(), 'image-'));
  for (const stage of stages) build(stage, join(all, stage.name));
  const directory = join(all, finalStage.name);
  chmodSync(all, 0o755);
  if (!isRoot) execFileSync('chmod', ['-R', 'a-w', join(directory, 'app')]);
  let volumes = 0;
  return {
    directory,
    env: environmentOf(finalStage),
    volume() {
      const volume = join(all, `volume-${++volumes}`);
      mkdirSync(volume, { mode: 0o700 });
      if (isRoot) execFileSync('chown', [`${NOBODY}:${NOBODY}`, volume]);
      return volume;
    },
    confined: (command, writable) => [
      ...(canMount ? readOnlyExcept(writable) : []),
      ...(isRoot ? WITHOUT_RIGHTS : []),
      ...command,
    ],
    remove() {
      execFileSync('chmod', ['-R', 'u+w', all]);
      rmSync(all, { recursive: true });
    },
  };
}

const WITHOUT_RIGHTS = [
  ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
  ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'],
];

/** In a mount namespace of its own, which ends with the command. */
const readOnlyExcept = (writable: string | undefined): string[] => [
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-ec'],
  `${writable === undefined ? '' : `mount --bind '${writable}' '${writable}';`} mount -o remount,bind,ro /; exec "$@"`,
  'sh',
];

/** Some containers do not let root mount. There, only the owners of the files keep the app from writing. */
const canMount =
  isRoot && spawnSync('unshare', ['--mount', 'mount', '-o', 'remount,bind,ro', '/']).status === 0;

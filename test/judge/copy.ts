import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');
/** Not needed, or not to be shared with a broken app. */
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'coverage', 'data', '.env', 'docs/images']);

const run = promisify(execFile);

/** A built copy of the project. */
export interface Copy {
  root: string;
  /** The environment for everything that runs in it. What that leaves behind goes with the copy. */
  env: NodeJS.ProcessEnv;
  remove(): void;
}

/**
 * Copies the project into a temporary directory, applies a patch there and builds it. The working tree is only read.
 * @throws when the patch no longer applies, or its result has type errors
 */
export async function createCopy(patch?: string): Promise<Copy> {
  const directory = mkdtempSync(join(tmpdir(), 'judge-'));
  const root = join(directory, 'project');
  const temporary = join(directory, 'tmp');
  directories.add(directory);
  const remove = () => removeDirectory(directory);
  try {
    cpSync(ROOT, root, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(ROOT, path)) });
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    mkdirSync(temporary);
    // PostgreSQL runs as another user, and has its directory in here.
    for (const path of [directory, temporary]) chmodSync(path, 0o711);
    if (patch !== undefined) await applyPatch(patch, root);
    allowUnused(root);
    await run('npm', ['run', '-s', 'build'], { cwd: root }).catch((error: { stdout?: string }) => {
      throw new Error(`does not build: ${error.stdout ?? String(error)}`, { cause: error });
    });
  } catch (error) {
    remove();
    throw error;
  }
  return { root, env: { ...process.env, TMPDIR: temporary }, remove };
}

const directories = new Set<string>();
process.once('exit', () => {
  for (const directory of directories) removeDirectory(directory);
});

function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  directories.delete(directory);
}

/** What a mutation removes may leave something unused, which the build would refuse. */
function allowUnused(root: string): void {
  const path = join(root, 'tsconfig.build.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  Object.assign(config.compilerOptions, { noUnusedLocals: false, noUnusedParameters: false });
  writeFileSync(path, JSON.stringify(config));
}

/** Applies a unified diff to a tree, or only checks that it can be applied. @throws when it cannot */
export async function applyPatch(patch: string, root = ROOT, { check = false } = {}): Promise<void> {
  // Inside somebody else's repository, git would pass over a tree that is not its own.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(root) };
  await run('git', ['apply', ...(check ? ['--check'] : []), patch], { cwd: root, env }).catch(
    (error: { stderr?: string }) => {
      throw new Error(`${basename(patch)} does not apply any more: ${error.stderr ?? ''}`, { cause: error });
    },
  );
}

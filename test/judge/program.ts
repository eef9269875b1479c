import { type ChildProcess, spawn } from 'node:child_process';

const running = new Set<ChildProcess>();

/** Runs Node to its end and returns all that it wrote. Its own children end with it when time is up. */
export function runNode(
  args: readonly string[],
  { cwd, env, timeoutMs }: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += String(data);
      });
    const timer = setTimeout(() => {
      output += `\nNot over after ${timeoutMs / 1000} s`;
      end(child);
    }, timeoutMs);
    child.once('close', () => {
      clearTimeout(timer);
      running.delete(child);
      resolve(output);
    });
  });
}

/** Ends what still runs. */
export function endAll(): void {
  for (const child of running) end(child);
}

function end({ pid }: ChildProcess): void {
  try {
    // The whole group: the suite starts processes of its own.
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

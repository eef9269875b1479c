import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startDemo } from '../../demo/start';
import { playStory, type Teller } from '../../demo/story';
import { DEMO_TRAININGS } from '../../demo/toloka';

const root = join(__dirname, '..', '..');

function run(command: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += String(data);
      });
    child.once('close', (code) => resolve({ code, output }));
  });
}

const silent: Teller = { chapter: () => {}, says: () => {}, shows: () => {}, checked: () => {} };

describe('the demo', () => {
  it('plays its story to the end, and shows the seed document’s call go out', async () => {
    const { code, output } = await run(process.execPath, [
      'node_modules/tsx/dist/cli.mjs',
      'demo/main.ts',
      '--once',
    ]);
    expect(output).toContain('2 main pools are');
    expect(output).toContain('no Archive button');
    expect(output).toMatch(/POST \/api\/v1\/trainings\/123456\/archive\s+202/);
    expect(output).toContain('the training is archived after');
    expect(output).toContain('*Failed in Toloka*');
    expect(output).toContain('That was the whole story');
    expect(code).toBe(0);
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  }, 60_000);

  it('notices when the story does not go as told', async () => {
    const demo = await startDemo({ operationMs: 500 });
    try {
      demo.account.updateTraining(DEMO_TRAININGS.ready.id, { status: 'OPEN' });
      await expect(playStory(demo, silent)).rejects.toThrow(/the plan/);
    } finally {
      await demo.close();
    }
  }, 60_000);

  it('says why when the app does not start', async () => {
    await expect(startDemo({ env: { LOG_LEVEL: 'loud' } })).rejects.toThrow(/LOG_LEVEL/);
  });
});

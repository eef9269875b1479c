import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createBenchFakes } from './fakes';
import { startNode } from './processes';
import { APP, bareBolt } from './programs';
import { compared, type Part } from './row';
import { compareMedians, compareTails, interleave } from './stats';

export const startup: Part = {
  title: 'Start to ready',
  how: 'The processes are started in turn and timed from `spawn` to the log line that says that they are connected to Slack (Socket Mode) and take work. The journal exists already, as after every restart. The first start, which creates it, has its own row.',
  async run({ quick }) {
    const fakes = await createBenchFakes();
    const bare = bareBolt();
    const start = async (program: string, words: string) => {
      const child = startNode([program], fakes.env());
      const ready = await child.said(words);
      await child.kill();
      return ready - child.startedAt;
    };
    const fresh = async () => {
      for (const end of ['', '-wal', '-shm'])
        rmSync(join(fakes.directory, `journal.db${end}`), { force: true });
      return [await start(APP, '"ready"')];
    };
    try {
      const first = await interleave(quick ? 2 : 9, fresh, async () => [await start(bare, 'bare ready')]);
      const again = await interleave(
        quick ? 2 : 21,
        async () => [await start(APP, '"ready"')],
        async () => [await start(bare, 'bare ready')],
      );
      return {
        rows: [
          compared('start to ready, median', 'ms', compareMedians(again), 1.5),
          compared('start to ready, worst', 'ms', compareTails(again)),
          compared('first start, with a new journal', 'ms', compareMedians(first)),
        ],
        notes: [],
      };
    } finally {
      await fakes.close();
    }
  },
};

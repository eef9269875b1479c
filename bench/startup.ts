import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startNode } from './processes';
import { APP, bareBolt } from './programs';
import { compared, type Part } from './row';
import { createStage } from './stage';
import { compareMedians, compareTails, interleave } from './stats';

export const startup: Part = {
  title: 'Start to ready',
  how: 'Processes started in turn; from `spawn` to the line in which each says that it is connected to Slack (Socket Mode) and takes work. With a journal that is there already, as after every restart; the first start, which makes it, is a row of its own.',
  async run({ quick }) {
    const stage = await createStage();
    const bare = bareBolt();
    const start = async (program: string, words: string) => {
      const child = startNode([program], stage.env());
      const ready = await child.said(words);
      await child.kill();
      return ready - child.startedAt;
    };
    const fresh = async () => {
      for (const end of ['', '-wal', '-shm'])
        rmSync(join(stage.directory, `journal.db${end}`), { force: true });
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
          compared('first start, journal made', 'ms', compareMedians(first)),
        ],
        notes: [],
      };
    } finally {
      await stage.close();
    }
  },
};

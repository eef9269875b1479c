import { startChild } from './child';
import type { JournalPlace } from './contract';

/** What holds for several processes on one journal. */
export function journalProcesses(place: () => JournalPlace): void {
  describe('processes', () => {
    it('lose nothing acknowledged when they are killed', async () => {
      const acknowledged = new Map<string, number>();
      for (const round of ['one', 'two', 'three']) {
        const writer = startChild('write', place().place, round);
        await writer.heard((lines) => lines.length >= 40);
        writer.child.kill('SIGKILL');
        expect(await writer.ended).toBe('SIGKILL');
        for (const line of writer.lines) {
          const [id, seq] = line.split(' ');
          acknowledged.set(String(id), Number(seq));
        }
      }
      const journal = await place().open();
      expect(acknowledged.size).toBeGreaterThan(15);
      for (const [id, seq] of acknowledged) {
        const request = await journal.get(id);
        const events = await journal.events(id);
        expect(request?.version).toBeGreaterThanOrEqual(seq);
        // Row and history went to the disk together, or not at all.
        expect(events.at(-1)).toMatchObject({ seq: request?.version, to: request?.state });
        expect(events).toHaveLength(request?.version ?? 0);
      }
    }, 60_000);

    it('can open the same new journal at once: one makes the tables, all can write', async () => {
      const children = ['a', 'b', 'c', 'd'].map((name) => startChild('open', place().place, name));
      await Promise.all(children.map(({ heard }) => heard((lines) => lines.includes('ready'))));
      for (const { child } of children) child.stdin?.write('go\n');
      expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
      const said = children.flatMap(({ lines }) => lines);
      expect(said.filter((line) => line === 'written')).toHaveLength(4);
      expect(said.filter((line) => line.startsWith('log '))).toEqual([
        expect.stringMatching(/^log Journal .*: created\.$/),
      ]);
      const journal = await place().open();
      for (const id of ['a', 'b', 'c', 'd']) expect(await journal.get(id)).toBeDefined();
    }, 60_000);
  });
}

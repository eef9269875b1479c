import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { isGone, processOwner } from '../../src/process/owner';

const [here = ''] = processOwner().split('|');
const ownerOf = (pid: number | undefined, place = here) => `${place}|${pid}|1`;

describe('the owner of a lease', () => {
  it('is not gone while it is this process', () => {
    expect(isGone(processOwner())).toBe(false);
  });

  it('is gone when nothing has its PID any more', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(isGone(ownerOf(pid))).toBe(true);
  });

  it('is gone when this process has its PID, as after the restart of a container', () => {
    expect(isGone(ownerOf(process.pid))).toBe(true);
  });

  it('is not gone while something has its PID', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    expect(isGone(ownerOf(child.pid))).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(isGone(ownerOf(child.pid))).toBe(true);
  });

  it('is never gone when its PID means another process, or it is not one of ours', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const [host = '', boot = '', namespace = ''] = here.split('/');
    const elsewhere = {
      'another host': `another/${boot}/${namespace}`,
      'another machine of the same name': `${host}/another/${namespace}`,
      'another container of the same name': `${host}/${boot}/pid:[1]`,
      'a host by its name alone': host,
    };
    for (const [name, place] of Object.entries(elsewhere)) {
      expect([name, isGone(ownerOf(pid, place))]).toEqual([name, false]);
      expect([name, isGone(ownerOf(process.pid, place))]).toEqual([name, false]);
    }
    for (const odd of ['', here, `${here}|0|1`, `${here}|-1|1`, `${here}|x|1`])
      expect([odd, isGone(odd)]).toEqual([odd, false]);
  });
});

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { type Page, startPage } from '../../demo/page';
import { play } from '../../demo/play';
import { CHANNELS, DANA, type Demo, PEOPLE, startDemo } from '../../demo/start';
import { type Narrator, playStory } from '../../demo/story';
import { createTerminal } from '../../demo/terminal';
import { DEMO_TRAININGS } from '../../fakes/toloka';

jest.setTimeout(90_000);
const { ready, poolOpen, storyReady, storyFails } = DEMO_TRAININGS;
const SILENT: Narrator = { chapter() {}, act() {}, screen() {}, fact() {} };

let demo: Demo;
let page: Page;
beforeEach(async () => {
  demo = await startDemo({ operationMs: 50 });
  page = await startPage({ ...demo, visitors: Object.values(PEOPLE), restartApp: demo.renew });
});
afterEach(async () => {
  await page.close();
  await demo.close();
});

/** What the page sends when its visitor does something. */
async function act(body: object): Promise<{ refused?: string }> {
  const answer = await fetch(`${page.url}act`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: page.url.replace(/\/$/, '') },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { refused?: string };
}
const user = PEOPLE.alice;
const ask = (id: string) =>
  act({ act: 'send', user, channel: CHANNELS.operations, text: `/toloka-archive ${id}` });
const modal = (words: string) =>
  demo.workspace.waitFor(() => {
    const view = demo.workspace.modalOf(user);
    return view && demo.workspace.renderText(view).includes(words) && view;
  });

describe('what the demo runs', () => {
  // The kernel's own tables show it.
  (process.platform === 'linux' ? it : it.skip)('listens on loopback only, the app too', () => {
    const inodes = new Set(
      [process.pid, demo.app.pid].flatMap((pid) =>
        readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
          try {
            return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
          } catch {
            return [];
          }
        }),
      ),
    );
    const LISTENS = '0A';
    const addresses = ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter((columns) => columns[3] === LISTENS && inodes.has(columns[9] ?? ''))
        .map((columns) => columns[1]?.split(':')[0]),
    );
    // Slack, Toloka, its sandbox, the page and the app.
    expect(addresses.length).toBeGreaterThanOrEqual(5);
    expect(new Set(addresses)).toEqual(new Set(['0100007F']));
  });

  it('has a sandbox, where a training is archived without its ID once Bob approves, and which a reset restores', async () => {
    await ask(`${ready.id} sandbox`);
    await modal('[Ask for approval]');
    const alice = demo.workspace.person(user);
    await alice.fill('Reason', 'only a test');
    await alice.submit();
    const { workspace } = demo;
    await workspace.waitFor(() =>
      workspace.renderText(workspace.messages(CHANNELS.operations)[0] ?? {}).includes('[Approve]'),
    );
    await workspace.person(PEOPLE.bob).click('Approve');
    await demo.workspace.waitFor(() => demo.sandbox.getTraining(ready.id)?.status === 'ARCHIVED');
    expect(demo.account.posts(ready.id).arrived).toBe(0);
    await act({ act: 'reset' });
    expect(demo.sandbox.getTraining(ready.id)?.status).toBe('CLOSED');
  });
});

describe('the page while the story plays', () => {
  it('shares neither person nor training with it, and the IDs of the README still work after it', async () => {
    let closed = 0;
    // The visitor opens and closes a window at each step of the story.
    const visit = async () => {
      await ask(poolOpen.id);
      const { id } = await modal('not archived');
      await act({ act: 'close', user, view: id });
      closed += 1;
    };
    let visits = Promise.resolve();
    const step = () => {
      visits = visits.then(visit);
    };
    await playStory(demo, { ...SILENT, act: step, screen: step });
    await visits;
    expect(closed).toBeGreaterThan(5);
    expect(demo.account.getTraining(ready.id)?.status).toBe('CLOSED');
    await ask(ready.id);
    await modal('[Archive]');
    expect(demo.account.posts(ready.id).arrived).toBe(0);
  });

  it('cannot be the person of the story', async () => {
    const { refused } = await act({ act: 'send', user: DANA, channel: CHANNELS.operations, text: 'hello' });
    expect(refused).toBe('There is no such person.');
    expect(await (await fetch(page.url)).text()).not.toContain(DANA);
  });

  it.each([
    [
      'is stopped by a status',
      () => demo.account.updateTraining(storyReady.id, { status: 'OPEN' }),
      '[Archive]',
    ],
    ['is stopped by a reset', () => act({ act: 'reset' }), 'The demo was reset.'],
    [
      'goes another way',
      () => demo.account.updateTraining(storyFails.id, { archiveOutcome: { status: 'SUCCESS' } }),
      'Failed in Toloka',
    ],
  ])('goes on with a prompt when the story %s', async (_what, disturb, why) => {
    const input = new PassThrough();
    const output = new PassThrough();
    let shown = '';
    output.on('data', (data) => {
      shown += String(data);
    });
    const terminal = createTerminal({ write: (text) => output.write(text), colour: false });
    let disturbed: unknown;
    const disturbing = {
      ...terminal,
      act(words: string) {
        disturbed ??= disturb();
        terminal.act(words);
      },
    };
    const options = { demo, terminal: disturbing, page: page.url, input, output, goodbye: '' };
    const over = play({ ...options, patienceMs: 4_000 });
    input.write('help\nquit\n');
    await over;
    await disturbed;
    expect(shown).toContain('! The story ends early.');
    expect(shown).toContain(why);
    expect(shown).toContain('The trainings in this account');
    expect(shown).not.toContain('The story went as expected');
  });
});

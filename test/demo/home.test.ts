import { PassThrough } from 'node:stream';
import { runPrompt } from '../../demo/prompt';
import { CHANNELS, type Demo } from '../../demo/start';
import { createTerminal } from '../../demo/terminal';
import type { WorkspaceOptions } from '../../fakes/slack';
import { ALICE, closeAll } from '../../fakes/slack/test-helpers';
import { startWidgetApp, type WidgetApp } from '../support/widget-app';

let app: WidgetApp;

afterEach(closeAll);

/** Types all lines at the prompt of a demo with another app, and returns what was shown until it ended. */
async function type(lines: readonly string[], options: Partial<WorkspaceOptions> = {}): Promise<string> {
  const channels = [{ id: CHANNELS.operations, name: 'training-ops', members: [ALICE], bot: true }];
  app = await startWidgetApp({ channels, ...options });
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (data) => {
    shown += String(data);
  });
  const terminal = createTerminal({ write: (text) => output.write(text), colour: false });
  const demo = { workspace: app.workspace, account: { trainings: () => [] } } as unknown as Demo;
  const over = runPrompt({ demo, terminal, input, output });
  input.write(`${[...lines, 'quit'].join('\n')}\n`);
  await over;
  return shown;
}

const got = (type: string) => app.bodies.filter((body) => body['type'] === type);

it('opens the Home tab, presses a button in its second row, and leaves', async () => {
  const said = await type(['home', 'decline 2', 'approve', 'leave']);
  expect(said).toContain('alice’s Home tab');
  expect(said).toContain('Faces (123465), asked by @bob');
  expect(said).toContain('Its menus and inputs work on the page only.');
  expect(said).toContain('approve, decline, withdraw, approve 2, decline 2, withdraw 2, archive… or leave?');
  expect(got('block_actions')).toMatchObject([
    { actions: [{ action_id: 'decline', block_id: 'second' }] },
    { actions: [{ action_id: 'approve', block_id: 'first' }] },
  ]);
});

it('asks again before a button that has a confirmation', async () => {
  const said = await type(['home', 'withdraw', 'keep it', 'withdraw', 'withdraw', 'leave']);
  expect(said).toContain('The request about Faces ends for @bob.');
  expect(got('block_actions')).toMatchObject([{ actions: [{ action_id: 'withdraw', block_id: 'first' }] }]);
});

it('opens a window from there, searches in its menus, and asks again for what is not found', async () => {
  const window = ['zzz', 'summer, shop', '#training-ops', '', '', '12', 'archive'];
  const said = await type(['home', 'archive…', ...window, 'leave']);
  expect(said).toContain('! No results found: zzz');
  const [{ view } = { view: undefined }] = got('view_submission');
  expect((view as { state: object }).state).toMatchObject({
    values: {
      trainings: { pick: { selected_options: [{ value: '2' }, { value: '3' }] } },
      where: { channel: { selected_conversation: CHANNELS.operations } },
    },
  });
});

it('uses a shortcut by its name, and lists it in the help', async () => {
  const said = await type(['help', 'shortcut Archive trainings', 'cancel']);
  expect(said).toContain('shortcut Archive trainings Choose what to archive');
  expect(said).toContain('Where to post: training-ops');
  expect(got('shortcut')).toHaveLength(1);
});

it('says when there is no Home tab', async () => {
  expect(await type(['home'], { homeTab: false })).toContain('! The app has no Home tab');
  await closeAll();
  expect(await type(['home'], { events: [] })).toContain('The app has published no Home tab.');
});

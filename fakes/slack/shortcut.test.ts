import type { App } from '@slack/bolt';
import type { Workspace } from '.';
import { ALICE, closeAll, httpApp, modal, openWorkspace, section, socketApp } from './test-helpers';

const shortcuts = [
  { callbackId: 'archive_training', name: 'Archive a training', description: 'Opens a form' },
];
let seen: object[];

const register = (app: App) => {
  app.shortcut('archive_training', async ({ ack, shortcut, client }) => {
    seen.push(shortcut);
    await ack();
    await client.views.open({ trigger_id: shortcut.trigger_id, view: modal('Archive', [section('s')]) });
  });
};

beforeEach(() => {
  seen = [];
});
afterEach(closeAll);

const open = () => openWorkspace({ shortcuts, ackTimeoutMs: 200 });
const use = (workspace: Workspace, name = 'Archive a training') => workspace.person(ALICE).shortcut(name);

describe.each(['Socket Mode', 'HTTP'])('a global shortcut over %s', (way) => {
  it('has a trigger that opens a modal, and no channel', async () => {
    const workspace = await open();
    if (way === 'HTTP') workspace.setRequestUrl(await httpApp(workspace, register));
    else await socketApp(workspace, register);
    const { acked, trigger } = await use(workspace);
    expect(acked).toBe(true);
    await workspace.waitFor(() => workspace.modalOf(ALICE));
    expect(seen).toEqual([
      {
        type: 'shortcut',
        callback_id: 'archive_training',
        trigger_id: trigger,
        action_ts: expect.any(String),
        user: { id: ALICE, username: 'alice', team_id: 'T0TEAM' },
        team: { id: 'T0TEAM', domain: 'demo' },
        token: expect.any(String),
        enterprise: null,
        is_enterprise_install: false,
      },
    ]);
  });
});

it('is used by its name or its callback ID, if there is one', async () => {
  const workspace = await open();
  await socketApp(workspace, register);
  expect(await use(workspace, 'archive_training')).toMatchObject({ acked: true });
  await expect(use(workspace, 'Nothing')).rejects.toThrow('There is: Archive a training');
  expect(workspace.snapshot(ALICE).shortcuts).toEqual(shortcuts);
});

it('shows nothing if the app does not answer', async () => {
  const workspace = await open();
  await socketApp(workspace);
  expect(await use(workspace)).toMatchObject({ acked: false, error: 'operation_timeout' });
  expect(workspace.ephemerals(ALICE)).toEqual([]);
});

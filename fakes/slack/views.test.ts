import type { App } from '@slack/bolt';
import { type OpenView, TROUBLE, type Workspace } from '.';
import {
  ALICE,
  actions,
  button,
  clientOf,
  closeAll,
  codeOf,
  input,
  modal,
  openWorkspace,
  section,
  socketApp,
} from './test-helpers';

type Ack = (answer?: object) => Promise<void>;

let workspace: Workspace;
let client: ReturnType<typeof clientOf>;
let now: number;
/** Trigger IDs in the order in which they reached the app. */
let triggers: string[];
let submissions: { view: OpenView & { state: { values: object } }; [key: string]: unknown }[];
let onSubmit: (ack: Ack) => Promise<void>;

const register = (app: App) => {
  app.command('/toloka-archive', async ({ ack, body }) => {
    triggers.push(body.trigger_id);
    await ack();
  });
  app.action(/.*/, async ({ ack, body }) => {
    triggers.push((body as { trigger_id: string }).trigger_id);
    await ack();
  });
  app.view({ type: 'view_submission', callback_id: 'archive' }, async ({ ack, body }) => {
    submissions.push(body as never);
    await onSubmit(ack as Ack);
  });
};

beforeEach(async () => {
  now = 1_700_000_000_000;
  triggers = [];
  submissions = [];
  onSubmit = async (ack) => ack();
  workspace = await openWorkspace({ now: () => now, ackTimeoutMs: 1_000 });
  client = clientOf(workspace);
  await socketApp(workspace, register);
});
afterEach(closeAll);

const alice = () => workspace.person(ALICE);
const form = (more: object[] = [], extra: object = {}) =>
  modal('Archive', [input('reason', 'Reason'), actions(button('Check again', 'check')), ...more], extra);

async function trigger(): Promise<string> {
  await alice().command('1', { channel: 'C01' });
  return triggers.at(-1) as string;
}

async function openForm(view = form()): Promise<string> {
  const { view: opened } = await client.views.open({ trigger_id: await trigger(), view });
  return opened?.id as string;
}

describe('a trigger', () => {
  it('opens one modal, within three seconds', async () => {
    const first = await trigger();
    expect(await codeOf(client.views.open({ trigger_id: first, view: form() }))).toBe('ok');
    expect(await codeOf(client.views.open({ trigger_id: first, view: form() }))).toBe('exchanged_trigger_id');
    const second = await trigger();
    now += 3_001;
    expect(await codeOf(client.views.open({ trigger_id: second, view: form() }))).toBe('expired_trigger_id');
    expect(await codeOf(client.views.open({ trigger_id: '1.2.3', view: form() }))).toBe('invalid_trigger_id');
  });

  it('is not used up by a view that Slack refuses', async () => {
    const id = await trigger();
    const bad = client.views.open({ trigger_id: id, view: modal('x'.repeat(25), [section('s')]) });
    await expect(bad).rejects.toMatchObject({
      data: {
        error: 'invalid_arguments',
        response_metadata: {
          messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'],
        },
      },
    });
    expect(workspace.modalOf(ALICE)).toBeUndefined();
    expect(await codeOf(client.views.open({ trigger_id: id, view: form() }))).toBe('ok');
  });

  it('refuses a view that is too large', async () => {
    const id = await trigger();
    const blocks = Array.from({ length: 90 }, () => section('x'.repeat(3000)));
    expect(await codeOf(client.views.open({ trigger_id: id, view: modal('t', blocks) }))).toBe(
      'view_too_large',
    );
  });

  it('pushes onto its own modal, three deep at most', async () => {
    expect(await codeOf(client.views.push({ trigger_id: await trigger(), view: form() }))).toBe('not_found');
    const root = await openForm();
    for (const expected of ['ok', 'ok', 'push_limit_reached']) {
      await alice().click('Check again');
      const pushed = client.views.push({ trigger_id: triggers.at(-1) as string, view: form() });
      expect(await codeOf(pushed)).toBe(expected);
    }
    expect(workspace.modalOf(ALICE)).toMatchObject({ rootId: root });
    await alice().close();
    await alice().close();
    expect(workspace.modalOf(ALICE)).toMatchObject({ id: root, previousId: null });
  });
});

describe('views.update', () => {
  it('is guarded by the hash', async () => {
    const view_id = await openForm();
    const hash = workspace.modalOf(ALICE)?.hash as string;
    const again = () => client.views.update({ view_id, hash, view: form() });
    expect(await codeOf(again())).toBe('ok');
    expect(await codeOf(again())).toBe('hash_conflict');
    expect(await codeOf(client.views.update({ view_id, view: form() }))).toBe('ok');
    expect(workspace.modalOf(ALICE)?.updates).toBe(2);
  });

  it('does not find a modal that has closed', async () => {
    const view_id = await openForm();
    await alice().close();
    expect(await codeOf(client.views.update({ view_id, view: form() }))).toBe('not_found');
  });

  it('finds a view by an external_id that is unique', async () => {
    await openForm(form([], { external_id: 'mine' }));
    expect(await codeOf(client.views.update({ external_id: 'mine', view: form() }))).toBe('ok');
    await openForm(form([], { external_id: 'mine' }));
    const twin = client.views.open({ trigger_id: await trigger(), view: form([], { external_id: 'mine' }) });
    expect(await codeOf(twin)).toBe('duplicate_external_id');
  });

  it('keeps what was typed where block_id and action_id stay', async () => {
    const view_id = await openForm(form([input('id', 'Training id'), input('old', 'Old')]));
    await alice().fill('Reason', 'because');
    await alice().fill('Training id', '123');
    await alice().fill('Old', 'gone');
    const blocks = [
      input('reason', 'Reason, again', { initial_value: 'not shown' }),
      input('id', 'Training id', { action_id: 'another' }),
      input('new', 'Old', { initial_value: 'fresh' }),
    ];
    await client.views.update({ view_id, view: modal('Archive', blocks) });
    expect(workspace.modalOf(ALICE)?.values).toEqual({
      reason: { value: { type: 'plain_text_input', value: 'because' } },
      id: { another: { type: 'plain_text_input', value: null } },
      new: { value: { type: 'plain_text_input', value: 'fresh' } },
    });
  });

  it('forgets what was typed into blocks without an id', async () => {
    const nameless = () => modal('Archive', [{ ...input('x', 'Reason'), block_id: undefined }]);
    const view_id = await openForm(nameless());
    await alice().fill('Reason', 'because');
    await client.views.update({ view_id, view: nameless() });
    const [values] = Object.values(workspace.modalOf(ALICE)?.values ?? {});
    expect(values).toEqual({ value: { type: 'plain_text_input', value: null } });
  });
});

describe('submitting', () => {
  it('sends what was typed, as Bolt reads it, and closes on an empty ack', async () => {
    await openForm(form([], { private_metadata: '{"channel":"C01"}' }));
    const hash = workspace.modalOf(ALICE)?.hash;
    await alice().fill('Reason', 'done with it');
    const result = await alice().submit();
    expect(result).toMatchObject({ acked: true, heldBack: false, problems: [] });
    expect(submissions).toMatchObject([
      {
        user: { id: ALICE, name: 'alice', team_id: 'T0TEAM' },
        team: { id: 'T0TEAM' },
        response_urls: [],
        view: {
          callback_id: 'archive',
          private_metadata: '{"channel":"C01"}',
          hash,
          state: { values: { reason: { value: { type: 'plain_text_input', value: 'done with it' } } } },
        },
      },
    ]);
    expect(submissions[0]).not.toHaveProperty('channel');
    expect(workspace.modalOf(ALICE)).toBeUndefined();
  });

  it('is held back while the form is incomplete, unless forced', async () => {
    await openForm(
      form([
        input('id', 'Id', { min_length: 3, max_length: 5 }),
        input('opt', 'Opt', {}, { optional: true }),
      ]),
    );
    expect(await alice().submit()).toMatchObject({
      heldBack: true,
      errors: { reason: expect.any(String), id: expect.any(String) },
    });
    await alice().fill('reason', 'r');
    await alice().fill('id', '12');
    expect((await alice().submit()).errors).toEqual({ id: 'Please enter at least 3 characters.' });
    await alice().fill('id', '123456');
    expect((await alice().submit()).errors).toEqual({ id: 'Please enter at most 5 characters.' });
    expect(submissions).toEqual([]);
    expect(await alice().submit({ force: true })).toMatchObject({ acked: true, heldBack: false });
    expect(submissions).toHaveLength(1);
  });

  it('can send values that Slack’s client would not send', async () => {
    await openForm();
    await alice().submitRaw({ reason: 'raw', forged: { a: { type: 'plain_text_input', value: 'x' } } });
    expect(submissions[0]?.view.state.values).toMatchObject({
      reason: { value: { value: 'raw' } },
      forged: { a: { value: 'x' } },
    });
  });

  it('shows the errors that the app answers, until the input changes', async () => {
    await openForm();
    await alice().fill('reason', 'x');
    onSubmit = async (ack) => ack({ response_action: 'errors', errors: { reason: 'Say more' } });
    expect(await alice().submit()).toMatchObject({
      response_action: 'errors',
      errors: { reason: 'Say more' },
    });
    expect(workspace.modalOf(ALICE)?.errors).toEqual({ reason: 'Say more' });
    expect(workspace.dump()).toContain('! Say more');
    await alice().fill('reason', 'more');
    expect(workspace.modalOf(ALICE)?.errors).toEqual({});
  });

  it('updates, pushes and clears as the app answers', async () => {
    await openForm();
    await alice().fill('reason', 'x');
    onSubmit = async (ack) => ack({ response_action: 'push', view: form() });
    await alice().submit();
    expect(workspace.modalOf(ALICE)?.previousId).not.toBeNull();
    await alice().fill('reason', 'y');
    onSubmit = async (ack) => ack({ response_action: 'update', view: modal('Sure?', [section('s')]) });
    await alice().submit();
    expect(workspace.modalOf(ALICE)).toMatchObject({ title: { text: 'Sure?' }, updates: 1 });
    onSubmit = async (ack) => ack({ response_action: 'clear' });
    await alice().submit();
    expect(workspace.modalOf(ALICE)).toBeUndefined();
  });

  it.each<[name: string, answer: object]>([
    [
      'a view with a limit broken',
      { response_action: 'update', view: modal('x'.repeat(25), [section('s')]) },
    ],
    ['an error for no input', { response_action: 'errors', errors: { nowhere: 'Say more' } }],
    ['no errors at all', { response_action: 'errors', errors: {} }],
    ['an action that does not exist', { response_action: 'explode' }],
  ])('leaves the modal open with a notice after %s', async (_, answer) => {
    await openForm();
    await alice().fill('reason', 'x');
    onSubmit = async (ack) => ack(answer);
    const { problems } = await alice().submit();
    expect(problems).toHaveLength(1);
    expect(workspace.modalOf(ALICE)).toMatchObject({
      title: { text: 'Archive' },
      notice: TROUBLE,
      updates: 0,
    });
  });

  it('leaves the modal open with a notice when no ack comes', async () => {
    await openForm();
    await alice().fill('reason', 'x');
    onSubmit = async () => undefined;
    expect(await alice().submit()).toMatchObject({ acked: false, error: 'operation_timeout' });
    expect(workspace.modalOf(ALICE)?.notice).toBe(TROUBLE);
  });

  it('opens nothing new if the person has closed the modal by then', async () => {
    await openForm();
    await alice().fill('reason', 'x');
    onSubmit = async (ack) => {
      await alice().close();
      await ack({ response_action: 'push', view: form() });
    };
    expect(await alice().submit()).toMatchObject({ acked: true, problems: [] });
    expect(workspace.modalOf(ALICE)).toBeUndefined();
  });

  it('closes one modal for two copies of a submission', async () => {
    const root = await openForm();
    await alice().click('Check again');
    await client.views.push({ trigger_id: triggers.at(-1) as string, view: form() });
    await alice().fill('reason', 'x');
    await alice().submit({ copies: 2 });
    expect(submissions).toHaveLength(2);
    expect(workspace.modalOf(ALICE)?.id).toBe(root);
  });
});

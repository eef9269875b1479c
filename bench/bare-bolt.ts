import { open } from 'node:fs/promises';
import { App, type types } from '@slack/bolt';
import { request } from 'undici';

// The least that shows a person the same: a modal to fill in, a message, the modal closed, one POST. It has no checks,
// no journal and no retries, and does not follow the operation. The time that the app takes beyond this is
// the price of its promises.
//
// With a file in BENCH_RECORD it also does the least that two of those promises need: before it sends the POST, it reads
// again what is to be archived, and writes two lines to the disk.

const env = (name: string): string => process.env[name] ?? '';
const text = (words: string) => ({ type: 'plain_text', text: words }) as const;
const section = (words: string): types.SectionBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: words },
});

const input = (block_id: string, action_id: string, label: string): types.InputBlock => ({
  type: 'input',
  block_id,
  label: text(label),
  element: { type: 'plain_text_input', action_id },
});

const modal = (trainingId: string, channel: string, blocks: types.KnownBlock[], submit = false) => ({
  type: 'modal' as const,
  callback_id: 'archive_modal',
  title: text('Archive a training'),
  private_metadata: JSON.stringify({ trainingId, channel }),
  blocks,
  ...(submit ? { submit: text('Archive') } : {}),
});

const form = [
  section('*Archiving cannot be undone.*'),
  input('reason', 'reason_text', 'Reason'),
  input('typed', 'typed_text', 'Type the training ID to confirm'),
];

const record = env('BENCH_RECORD');

async function write(line: object): Promise<void> {
  if (record === '') return;
  const file = await open(record, 'a');
  await file.write(`${JSON.stringify(line)}\n`);
  await file.datasync();
  await file.close();
}

async function read(path: string): Promise<unknown> {
  const headers = { authorization: `OAuth ${env('TOLOKA_TOKEN')}` };
  const { body } = await request(`${env('TOLOKA_API_URL')}/v1/${path}`, { headers });
  return body.json();
}

async function readAgain(trainingId: string): Promise<void> {
  if (record === '') return;
  const pools = (status: string) =>
    `pools?status=${status}&project_id=${env('BENCH_PROJECT')}&sort=id&limit=300`;
  const listings = ['OPEN', 'CLOSED', 'LOCKED'].map(pools);
  await Promise.all([`trainings/${trainingId}`, `projects/${env('BENCH_PROJECT')}`, ...listings].map(read));
}

const app = new App({
  token: env('SLACK_BOT_TOKEN'),
  appToken: env('SLACK_APP_TOKEN'),
  socketMode: true,
  clientOptions: { slackApiUrl: env('SLACK_API_URL') },
});

app.command('/toloka-archive', async ({ ack, command, client }) => {
  await ack();
  const trainingId = command.text;
  const loading = modal(trainingId, command.channel_id, [section('Checking…')]);
  const { view } = await client.views.open({ trigger_id: command.trigger_id, view: loading });
  await client.views.update({
    view_id: view?.id ?? '',
    view: modal(trainingId, command.channel_id, form, true),
  });
});

app.view('archive_modal', async ({ ack, body, view, client }) => {
  const { trainingId, channel } = JSON.parse(view.private_metadata);
  await readAgain(trainingId);
  await write({ trainingId, by: body.user.id, state: 'confirmed' });
  const words = `<@${body.user.id}> archives training ${trainingId}`;
  await client.chat.postMessage({ channel, text: words, blocks: [section(words)] });
  await ack({ response_action: 'clear' });
  await write({ trainingId, state: 'submitting' });
  const answer = await request(`${env('TOLOKA_API_URL')}/v1/trainings/${trainingId}/archive`, {
    method: 'POST',
    headers: { authorization: `OAuth ${env('TOLOKA_TOKEN')}` },
  });
  await answer.body.dump();
});

app.start().then(() => process.stdout.write('bare ready\n'));

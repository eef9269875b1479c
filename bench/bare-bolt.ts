import { App, type types } from '@slack/bolt';
import { request } from 'undici';

// The least that does what a person sees: a modal that is filled in, a message, one POST, the modal's last word. No
// check, no record, no retry, no end of the operation. What the app takes longer than this is the price of its promises.

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
  input('typed_id', 'typed_id_text', 'Type the training ID to confirm'),
];

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
  await ack({ response_action: 'update', view: modal(trainingId, channel, [section('Sending…')]) });
  const words = `<@${body.user.id}> archives training ${trainingId}`;
  await client.chat.postMessage({ channel, text: words, blocks: [section(words)] });
  const answer = await request(`${env('TOLOKA_API_URL')}/v1/trainings/${trainingId}/archive`, {
    method: 'POST',
    headers: { authorization: `OAuth ${env('TOLOKA_TOKEN')}` },
  });
  await answer.body.dump();
  const last = section(answer.statusCode < 300 ? 'Archiving.' : 'Refused.');
  await client.views.update({ view_id: view.id, view: modal(trainingId, channel, [last]) });
});

app.start().then(() => process.stdout.write('bare ready\n'));

import { execSync } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { showLive } from '../../demo/live';
import { runPrompt } from '../../demo/prompt';
import { CHANNELS, type Demo, startDemo } from '../../demo/start';
import { createTerminal } from '../../demo/terminal';
import { DEMO_TRAININGS } from '../../fakes/toloka';

const { unlinked, ready, oddName } = DEMO_TRAININGS;
const PAGE = 'http://127.0.0.1:4/';
let demo: Demo;
let input: PassThrough;
let shown: string;
let over: Promise<void>;

beforeEach(async () => {
  demo = await startDemo({ operationMs: 50 });
  input = new PassThrough();
  const output = new PassThrough();
  shown = '';
  output.on('data', (data) => {
    shown += String(data);
  });
  const terminal = createTerminal({ write: (text) => output.write(text), colour: false });
  showLive(demo, terminal);
  over = runPrompt({ demo, terminal, page: PAGE, input, output });
}, 30_000);
afterEach(() => demo.close());

/** Types all lines at once, like pasted text, and returns what was shown until the prompt ended. */
async function type(...lines: string[]): Promise<string> {
  input.write(`${[...lines, 'quit'].join('\n')}\n`);
  await over;
  return shown;
}

it('begins with the address of the page, which the story has scrolled away', async () => {
  expect(await type()).toMatch(new RegExp(`Your turn\\..*\\nOr open ${PAGE} in a browser\\.`));
});

it('archives: asks for each input of the window, and again after a mistake', async () => {
  const { id } = unlinked;
  const said = await type(`/toloka-archive ${id}`, 'not used', '1', 'archive', '', id, 'archive');
  expect(said).toContain(`That is not the training ID. Type ${id}`);
  expect(said).toMatch(/Reason \(not used\):/);
  expect(demo.account.posts(id)).toEqual({ arrived: 1, effective: 1 });
  expect(said).toContain(`POST /api/v1/trainings/${id}/archive`);
});

it('cancels, checks again, and sends nothing', async () => {
  const said = await type(`/toloka-archive ${ready.id}`, '', '', 'Check again', '', '', 'cancel');
  expect(said.match(/cannot be undone/g)).toHaveLength(2);
  expect(said).toContain(`Cancelled. Training ${ready.id} in production was not archived.`);
  expect(demo.account.posts(ready.id).arrived).toBe(0);
});

it('closes a window at any of its fields', async () => {
  const again = `/toloka-archive ${ready.id}`;
  const said = await type(again, 'CANCEL', again, 'why', 'cancel', 'help');
  expect(said.match(/Cancelled\. Training/g)).toHaveLength(2);
  expect(said).toContain('The trainings in this account');
  expect(demo.account.posts(ready.id).arrived).toBe(0);
});

it('archives only at the whole word, and lists the words', async () => {
  const said = await type(`/toloka-archive ${ready.id}`, 'why', ready.id, 'a', '', 'check', 'close');
  expect(said).toMatch(/! There is no "a" here\. Type archive, cancel or check again\./);
  expect(said).toContain('! There is no "check" here.');
  expect(said).toContain('! Type archive, cancel or check again.');
  expect(said).toContain('Cancelled.');
  expect(demo.account.posts(ready.id).arrived).toBe(0);
});

it('switches person and channel, and reports a button that is not there', async () => {
  const asBob = ['as bob', `/toloka-archive ${ready.id}`];
  const elsewhere = ['as alice', 'in random', `/toloka-archive ${oddName.id}`, 'close'];
  const said = await type(...asBob, ...elsewhere, 'Try again', 'show');
  expect(said).toContain('You don’t have permission to archive.');
  expect(said).toContain('The app is not in the channel,');
  expect(said).toContain('! alice sees no "Try again" to press.');
  expect(said).toContain('(nothing yet)');
  expect(demo.account.exchanges.filter(({ method }) => method === 'POST')).toEqual([]);
});

it.each(['/invite @Toloka Archive', '/invite', '/invite @toloka archive'])(
  'adds the app to a channel with %s, as the app advises',
  async (invitation) => {
    const { id } = unlinked;
    const asked = [`/toloka-archive ${id}`, 'not used', id, 'archive'];
    const said = await type('in random', invitation, invitation, 'show', ...asked, '/invite @bob');
    expect(said).toContain('alice added @Toloka Archive to #random.');
    expect(said).toContain('added @Toloka Archive to this channel.');
    expect(said).toContain('! @Toloka Archive is in this channel already.');
    expect(said).toContain('! There is no @bob to invite here');
    expect(demo.account.posts(id)).toEqual({ arrived: 1, effective: 1 });
  },
);

it('lists what exists when it does not understand', async () => {
  const said = await type('hello', 'as carol', 'in general', 'as', 'AS Bob', 'In #Random', 'HELP');
  expect(said).toContain('! alice sees no "hello" to press. Type help for things to try.');
  expect(said).toContain('! There is no "carol" here. You can be alice or bob.');
  expect(said).toContain('! There is no channel "general" here. There are #training-ops and #random.');
  expect(said.match(/alice in #training-ops > /g)).toHaveLength(5);
  expect(said).toContain('bob in #random > ');
  expect(said).toContain('be another person: Bob may approve, but not archive');
  expect(said).toContain(PAGE);
});

it('shows what people wrote as they wrote it, here as in Slack', async () => {
  const { id } = unlinked;
  const reason = 'why *bold* and _slanted_ :x: at 2026-01-31T12:00:00Z';
  const said = await type(`/toloka-archive ${id}`, reason, '1', 'archive', '', id, 'archive', 'show');
  expect(said).toContain(`Reason: ${reason}`);
  expect(said).toContain(`  Reason (${reason}):`);
  expect(
    said.match(/│ +Reason.*why \*bold\* and _slanted_ :x: at 2026-01-31T12:00:00Z/g)?.length,
  ).toBeGreaterThan(1);
  expect(said).not.toContain('*Environment*');
});

it('describes the trainings as they are now, and how to get Try again', async () => {
  demo.account.updateTraining(ready.id, { status: 'ARCHIVED' });
  const said = await type('help');
  expect(said).not.toContain(ready.about);
  expect(said).toContain(`  ${ready.id}  Changed since the start: archived, 0 of 2 pools not archived.`);
  expect(said).toContain(unlinked.about);
  expect(said).toMatch(/Try again .*on the page/);
});

it('prints a command that checks a receipt of a card', async () => {
  const { id } = unlinked;
  const said = await type(`/toloka-archive ${id}`, 'not used', id, 'archive', 'help');
  await demo.workspace.waitFor(() =>
    demo.workspace.messages(CHANNELS.operations)[0]?.text.includes('Archived'),
  );
  const [card] = demo.workspace.messages(CHANNELS.operations);
  const [, request = '', receipt = ''] = /Request (\S+) .* Receipt (\S+)/.exec(JSON.stringify(card)) ?? [];
  const [, line = ''] = /(DATABASE_URL= JOURNAL_PATH=.* npm run -s audit -- verify .*)/.exec(said) ?? [];
  const command = line.replace('<request>', request).replace('<receipt>', receipt.slice(0, 19));
  expect(command).toContain(receipt.slice(0, 19));
  expect(execSync(command, { cwd: join(__dirname, '..', '..'), encoding: 'utf8' })).toMatch(/intact/);
});

it('kills the app and starts it again', async () => {
  const before = demo.app.pid;
  const said = await type('kill', `/toloka-archive ${DEMO_TRAININGS.archived.id}`, 'help');
  expect(demo.app.pid).not.toBe(before);
  expect(said).toContain('The training is already archived.');
  for (const training of Object.values(DEMO_TRAININGS)) expect(said).toContain(training.about);
});

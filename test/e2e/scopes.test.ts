import { DEMO_TRAININGS } from '../../fakes/toloka';
import { REQUIRED_SCOPES } from '../../src/slack/scopes';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { freePort } from '../support/free-port';
import { ALICE, BOB, cardsIn, createFakes, type Fakes, GENERAL, TOKENS, textOf } from '../support/harness';

const { ready, open } = DEMO_TRAININGS;
const SECOND = '800001';
const PRIVATE = 'C03PRIVATE';

let fakes: Fakes;
let app: AppProcess | undefined;
afterEach(async () => {
  await app?.kill();
  app = undefined;
  await fakes.close();
});

describe.each(['Socket Mode', 'signed HTTP'])('with the required scopes only, over %s', (transport) => {
  beforeEach(async () => {
    const members = [ALICE, BOB];
    fakes = await createFakes({
      workspace: {
        scopes: [...REQUIRED_SCOPES],
        channels: [
          { id: GENERAL, name: 'general', members, bot: true },
          { id: PRIVATE, name: 'private', private: true, members, bot: true },
        ],
      },
    });
    fakes.account.addTraining({ id: SECOND, project_id: '74175', status: 'CLOSED' });
    const port = await freePort();
    const isHttp = transport !== 'Socket Mode';
    if (isHttp) fakes.workspace.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    const slack = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: TOKENS.signing, PORT: String(port) };
    const env = { APPROVALS_PRODUCTION: '1', LEASE_SECONDS: '30', ...(isHttp && slack) };
    app = await startReadyApp(fakes.env(env));
  });

  const alice = () => fakes.workspace.person(ALICE);
  const card = (channel: string) => textOf(cardsIn(fakes, channel).at(-1));
  const until = (words: string, shown: () => string) =>
    fakes.workspace.waitFor(() => shown().includes(words), { what: words, timeoutMs: 20_000 });
  const privately = () => textOf(fakes.workspace.ephemerals(ALICE));

  async function confirm(label: string, typed: string): Promise<void> {
    await fakes.workspace.waitFor(() => alice().modal()?.submit?.text.startsWith('Ask for approval'), {
      what: 'the button that asks for approval',
    });
    await alice().fill('Reason', 'no longer used');
    await alice().fill(label, typed);
    await alice().submit();
  }

  it.each([GENERAL, PRIVATE])(
    'in %s: the plan, the card, an approval, the end, the lists and the Home tab',
    async (channel) => {
      await alice().command(ready.id, { channel });
      await confirm('Type the training ID to confirm', ready.id);
      await until('Needs 1 approval', () => card(channel));
      await fakes.workspace.person(BOB).click('Approve', { channel });
      await until('*Archived*', () => card(channel));
      await until(`<@${ALICE}>, the training is archived`, () => card(channel));
      expect(cardsIn(fakes, channel)).toHaveLength(1);
      expect(fakes.account.posts(ready.id)).toEqual({ arrived: 1, effective: 1 });
      await alice().command(`history ${ready.id}`, { channel });
      await until(`Approved by <@${BOB}>`, privately);
      await alice().openHome();
      await until('Archived', () => textOf(fakes.workspace.home(ALICE)));
    },
    60_000,
  );

  it('the picker, several at once, and what blocks one of them', async () => {
    await alice().shortcut('archive_pick');
    await fakes.workspace.waitFor(() => alice().modal());
    const label = 'Closed trainings in production';
    await alice().suggest(label, '');
    await alice().fill(label, [ready.id, SECOND]);
    await alice().fill('Channel', GENERAL);
    await alice().submit();
    await confirm('Type the number of trainings to confirm', '2');
    await until('Needs 1 approval', () => card(GENERAL));
    await fakes.workspace.person(BOB).click('Approve', { channel: GENERAL });
    await until('2 archived', () => card(GENERAL));
    await alice().command(open.id, { channel: GENERAL });
    await until('not closed', () => textOf(alice().modal()));
  }, 60_000);
});

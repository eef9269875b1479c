import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type ConnectedHarness, connectHarness, TOKENS } from '../support/harness';

let harness: ConnectedHarness;
beforeEach(async () => {
  harness = await connectHarness();
});
afterEach(() => harness.close());

it('the journal holds no token', async () => {
  await harness.ask(DEMO_TRAININGS.ready.id);
  await harness.confirm();
  const [request] = await harness.journal.open(1);
  await harness.settle(request?.id ?? '');
  const files = readdirSync(harness.directory).filter((file) => file.startsWith('journal.db'));
  const text = files.map((file) => readFileSync(join(harness.directory, file), 'latin1')).join('\n');
  expect(text).toContain('not used any more');
  for (const secret of Object.values(TOKENS)) expect(text).not.toContain(secret);
});

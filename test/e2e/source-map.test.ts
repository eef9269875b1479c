import { DEMO_TRAININGS } from '../../fakes/toloka';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { ALICE, createFakes, type Fakes, GENERAL } from '../support/harness';

let fakes: Fakes;
let app: AppProcess;
beforeAll(async () => {
  fakes = await createFakes();
  app = await startReadyApp(fakes.env());
});
afterAll(async () => {
  await app.kill();
  await fakes.close();
});

it('the built app logs stack traces that name the lines of the sources', async () => {
  fakes.workspace.faults.add({ kind: 'error', method: 'views.open', error: 'expired_trigger_id' });
  await fakes.workspace.person(ALICE).command(DEMO_TRAININGS.ready.id, { channel: GENERAL });
  const { error } = await app.waitForLog(({ message }) => message === 'modal not opened');
  const { stack } = error as { stack: string };
  expect(stack).toMatch(/\(\S*\bsrc\/slack\/\w+\.ts:\d+:\d+\)/);
  expect(stack).not.toContain('dist/bundle');
});

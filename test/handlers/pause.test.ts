import { DEMO_TRAININGS } from '../../fakes/toloka';
import { BOB, GENERAL, textOf } from '../support/harness';
import { codesOf, connectWire, type Wire } from './support';

const ready = DEMO_TRAININGS.ready.id;
let wire: Wire;
beforeEach(async () => {
  wire = await connectWire({ ADMIN_ALLOW: BOB });
});
afterEach(() => wire.close());

/** Types a command as Bob. Returns the private reply. */
async function bob(text: string): Promise<string> {
  await wire.workspace.person(BOB).command(text, { channel: GENERAL });
  await wire.settled();
  return textOf(wire.workspace.ephemerals(BOB).at(-1));
}

it('an admin pauses and resumes, and everybody is told who and why', async () => {
  expect(await bob('pause Toloka loses <!channel> answers')).toMatch(/\*Paused\.\*.*resume/);
  const asked = await wire.ask(ready);
  expect(asked).toMatch(/Archiving is paused \(by @bob, since .*\): “Toloka loses <!channel> answers”\./);
  expect(asked).toContain('`paused`');
  expect(wire.alice.modal()?.submit).toBeFalsy();
  expect(await bob('pause again')).toMatch(
    new RegExp(`is already paused \\(by <@${BOB}>, since .*Nothing was changed`),
  );
  expect(await bob('resume')).toMatch(/\*Resumed\.\* Archiving had been paused \(by .*Toloka loses/);
  expect(await bob('resume')).toContain('Archiving is not paused');
  await wire.ask(ready);
  expect(wire.alice.modal()?.submit).toBeTruthy();
  expect(codesOf(await wire.denials())).toEqual(['not_paused', 'already_paused', 'paused']);
});

it('who confirms a plan that was shown before the pause is told in the modal', async () => {
  await wire.ask(ready);
  await bob('pause an incident.');
  await wire.fillAndSubmit(ready);
  expect(await wire.settled()).toMatch(/Archiving is paused \(by @bob, since .*\): “an incident”\./);
  expect(await wire.state()).toBe('planned');
  expect(wire.account.posts(ready).arrived).toBe(0);
});

it.each([
  ['pause because I can', 'pause_not_allowed', /permission to pause and resume.*ADMIN_ALLOW/],
  ['resume', 'pause_not_allowed', /permission to pause and resume/],
  ['resume 123456', 'pause_not_allowed', /permission to pause and resume/],
  ['pause', 'pause_not_allowed', /permission to pause and resume/],
  [`pause ${'x'.repeat(1001)}`, 'pause_not_allowed', /permission to pause and resume/],
])('for others, %j is denied as %s', async (text, code, words) => {
  expect(await wire.ask(text)).toMatch(words);
  expect(codesOf(await wire.denials())).toEqual([code]);
  expect(await wire.journal.pause()).toBeNull();
});

it('no reason is denied', async () => {
  expect(await bob('pause')).toContain('Give a reason after');
  expect(codesOf(await wire.denials())).toEqual(['no_reason']);
  expect(await wire.journal.pause()).toBeNull();
});

it('resumes nothing for somebody who means one training or one environment', async () => {
  await bob('pause an incident');
  for (const text of ['resume 123456', 'resume sandbox'])
    expect(await bob(text)).toMatch(/applies to all trainings.*Nothing was resumed/);
  expect(codesOf(await wire.denials())).toEqual(['resume_is_for_all', 'resume_is_for_all']);
  expect(await wire.journal.pause()).toMatchObject({ reason: 'an incident' });
});

it.each(['pause 123456', 'pause sandbox'])('%j pauses everything, and says so', async (text) => {
  expect(await bob(text)).toContain('This applies to all trainings, in every channel and environment.');
  expect(await wire.journal.pause()).not.toBeNull();
});

it('a reason that is too long is denied', async () => {
  expect(await bob(`pause ${'x'.repeat(1001)}`)).toContain(
    'Use at most 1000 characters. Your reason has 1001.',
  );
  expect(codesOf(await wire.denials())).toEqual(['reason_wrong']);
  expect(await wire.journal.pause()).toBeNull();
});

it('with ADMIN_ALLOW unset, nobody can pause', async () => {
  await wire.close();
  wire = await connectWire();
  expect(await bob('pause an incident')).toContain('ADMIN_ALLOW');
  expect(await wire.denials()).toMatchObject([{ code: 'pause_not_allowed', detail: 'access_not_set' }]);
});

import type { ModalView } from '@slack/types';
import type { FaultKind } from '../../fakes/slack';
import { type OpenView, openView, updateView } from '../../src/slack/views';
import { ALICE, createFakes, type Fakes } from '../support/harness';
import { clientOf, SILENT, triggerOf } from './support';

let fakes: Fakes;
let view: OpenView;
beforeEach(async () => {
  fakes = await createFakes();
  view = await openView(clientOf(fakes), await triggerOf(fakes), modal('first'));
});
afterEach(() => fakes.close());

const modal = (text: string): ModalView => ({
  type: 'modal',
  title: { type: 'plain_text', text: 'A modal' },
  blocks: [{ type: 'section', text: { type: 'plain_text', text } }],
});
const shown = () => {
  const [block] = fakes.workspace.modalOf(ALICE)?.blocks ?? [];
  return typeof block?.text === 'object' ? block.text.text : undefined;
};
const updates = () => fakes.workspace.calls.filter(({ method }) => method === 'views.update').length;

function createUpdater() {
  const pauses: number[] = [];
  const deps = { client: clientOf(fakes), logger: SILENT, sleep: async (ms: number) => void pauses.push(ms) };
  const update = (text: string, to: OpenView = view, stillAsked?: () => Promise<boolean>) =>
    updateView(deps, to, modal(text), stillAsked);
  return { update, pauses };
}

describe('openView', () => {
  it('opens a modal', () => {
    expect([shown(), view.hash]).toEqual(['first', expect.any(String)]);
  });

  it('reports what Slack refuses, and does not try again', async () => {
    const trigger = await triggerOf(fakes);
    const calls = () => fakes.workspace.calls.filter(({ method }) => method === 'views.open').length;
    const before = calls();
    await openView(clientOf(fakes), trigger, modal('second'));
    await expect(openView(clientOf(fakes), trigger, modal('third'))).rejects.toMatchObject({
      reason: 'exchanged_trigger_id',
    });
    expect(calls() - before).toBe(2);
  });
});

describe('updateView', () => {
  it('shows the new view', async () => {
    expect(await createUpdater().update('second')).toBe('shown');
    expect(shown()).toBe('second');
  });

  it.each<FaultKind>(['status', 'ratelimited', 'reset', 'html', 'error'])(
    'tries again after %s',
    async (kind) => {
      fakes.workspace.faults.add({ kind, method: 'views.update', times: 2 });
      const { update, pauses } = createUpdater();
      expect(await update('second')).toBe('shown');
      expect([shown(), pauses.length]).toEqual(['second', 2]);
    },
  );

  it('gives up when no try is answered', async () => {
    fakes.workspace.faults.add({ kind: 'status', method: 'views.update', times: 3 });
    const { update, pauses } = createUpdater();
    expect(await update('second')).toBe('unanswered');
    expect(pauses).toEqual([0, 700]);
  });

  it('does not let a person wait for a long Retry-After', async () => {
    fakes.workspace.faults.add({ kind: 'ratelimited', method: 'views.update', retryAfter: 4 });
    expect(await createUpdater().update('second')).toBe('unanswered');
    expect(updates()).toBe(1);
  });

  it('leaves a modal that shows something newer, or is closed', async () => {
    const { update } = createUpdater();
    expect(await update('second')).toBe('shown');
    expect(await update('third')).toBe('gone');
    expect(shown()).toBe('second');
    await fakes.workspace.person(ALICE).close();
    expect(await update('fourth', { id: view.id })).toBe('gone');
    expect(updates()).toBe(3);
  });

  it('knows that an earlier try worked although its answer was lost', async () => {
    fakes.workspace.faults.add({ kind: 'lost', method: 'views.update' });
    expect(await createUpdater().update('second')).toBe('seen');
    expect(shown()).toBe('second');
  });

  it('knows that an earlier try did not work when Slack only asked to slow down', async () => {
    fakes.workspace.faults.add({ kind: 'ratelimited', method: 'views.update', retryAfter: 1 });
    await fakes.workspace.person(ALICE).close();
    expect(await createUpdater().update('second')).toBe('gone');
  });

  it('does not repeat a question that was answered meanwhile', async () => {
    fakes.workspace.faults.add({ kind: 'lost', method: 'views.update' });
    expect(await createUpdater().update('second', { id: view.id }, async () => false)).toBe('seen');
    expect(updates()).toBe(1);
  });
});

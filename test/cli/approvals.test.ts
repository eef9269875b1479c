import { advance, NOON, planned } from '../journal/builders';
import { sqlitePlace } from '../journal/sqlite-place';
import { audit } from './run';

let place: ReturnType<typeof sqlitePlace>;
beforeAll(async () => {
  place = sqlitePlace();
  const journal = await place.open();
  const asked = async (id: string) =>
    advance(journal, await planned(journal, id), 'approval_requested', { at: NOON + 1 });
  // The first approval is void, because the plan changed.
  const first = await advance(journal, await asked('sent'), 'approved', {
    actor: 'U4',
    with: { user: 'U4' },
  });
  const voided = await advance(journal, first, 'approvals_voided', { actor: 'U3' });
  const again = await advance(journal, voided, 'approved', { actor: 'U2' });
  await advance(journal, again, 'fully_approved', { actor: 'U3' });
  const half = await advance(journal, await asked('declined'), 'approved', { actor: 'U2' });
  await advance(journal, half, 'declined', { actor: 'U3', with: { user: 'U3', reason: 'still\r\nused' } });
});
afterAll(() => place.remove());

describe('what the audit says of approvals', () => {
  it('show: who approved, whose approvals were void, who declined and why', async () => {
    const sent = await audit(place, 'show', 'sent');
    expect(sent).toMatchObject({ code: 0, err: '' });
    expect(sent.out).toContain(
      'needs         2 approvals until 2026-01-02T12:01:00.000Z\napproved by   U2, U3\n',
    );
    expect(sent.out).not.toContain('declined by');
    expect(sent.out).toMatch(/approvals_voided +awaiting_approval +U3 .*"approvers":\["U4"\]/);
    expect(sent.out).toMatch(/fully_approved +confirmed +U3/);
    const { out } = await audit(place, 'show', 'declined');
    expect(out).toContain('approved by   U2\ndeclined by   U3: still\\u000d\\u000aused\n');
  });

  it('export: in CSV and as JSON lines', async () => {
    const { out } = await audit(place, 'export', '--format', 'csv');
    const rows = out.split('\r\n').map((row) => row.split('","'));
    const cell = (id: string, name: string) =>
      rows.find((row) => row[1] === id)?.[rows[0]?.indexOf(name) ?? -1];
    expect(cell('sent', 'approvers')).toBe('U2, U3');
    expect([cell('declined', 'approvers'), cell('declined', 'declined by')]).toEqual(['U2', 'U3']);
    const json = await audit(place, 'export', '--format', 'jsonl');
    const requests = json.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(requests.find(({ id }) => id === 'sent').approval.given).toEqual([
      { user: 'U2', at: NOON },
      { user: 'U3', at: NOON },
    ]);
  });

  it('list --person: also what a person approved', async () => {
    const { out } = await audit(place, 'list', '--person', 'U4');
    expect(out).toMatch(/ sent\n/);
    expect(out).not.toMatch(/ declined\n/);
  });

  it('verify: an approver in the facts that no event names breaks the chain', async () => {
    expect(await audit(place, 'verify')).toMatchObject({ code: 0 });
    await place.execute(`update requests set facts = replace(facts, '"U2"', '"U9"') where id = 'sent'`);
    expect(await audit(place, 'verify', 'sent')).toMatchObject({
      code: 1,
      out: expect.stringContaining('BROKEN'),
    });
  });
});

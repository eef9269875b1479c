import type { Checked, JournalAudit } from '../journal/open-audit';
import type { ExitCode, Io } from './program';
import { visible } from './text';

/** Computes the chains anew and says what is not as it was written; with a receipt, whether the card agrees. */
export async function verify(
  audit: JournalAudit,
  io: Io,
  { id, receipt }: { id: string | undefined; receipt: string | undefined },
): Promise<ExitCode> {
  if (id === undefined) return verifyAll(audit, io);
  const checked = await audit.check(id);
  if (checked === undefined) {
    await io.out(
      `${visible(id)}: not in the journal. If this is the whole id of a card, the request was removed.\n`,
    );
    return 1;
  }
  const card = receipt === undefined ? undefined : compare(checked, receipt);
  if (!card?.broken || checked.findings.length > 0) await io.out(report(checked));
  if (card) await io.out(`${visible(id)}: ${card.message}\n`);
  return checked.findings.length > 0 || card?.broken ? 1 : 0;
}

async function verifyAll(audit: JournalAudit, io: Io): Promise<ExitCode> {
  let requests = 0;
  let events = 0;
  let broken = 0;
  for await (const checked of audit.checkAll()) {
    requests++;
    events += checked.receipts.length;
    if (checked.findings.length === 0) continue;
    broken++;
    await io.out(report(checked));
  }
  const result = broken === 0 ? 'all intact' : `${broken} broken`;
  await io.out(`${requests} requests, ${events} events: ${result}.\n`);
  return broken === 0 ? 0 : 1;
}

function report({ id, findings, receipts }: Checked): string {
  const name = visible(id);
  if (findings.length === 0)
    return `${name}: intact, ${receipts.length} events, receipt ${receipts.at(-1) ?? '–'}.\n`;
  return findings.map(({ message }) => `${name}: BROKEN, ${message}.\n`).join('');
}

function compare({ receipts }: Checked, receipt: string): { broken: boolean; message: string } {
  const at = receipts.lastIndexOf(receipt);
  if (at === -1) {
    const message =
      'BROKEN, unless the receipt was mistyped: it is not one that this history ever had. Events were cut off, or it was all written anew.';
    return { broken: true, message };
  }
  const later = receipts.length - 1 - at;
  if (later === 0) return { broken: false, message: 'the receipt is that of the last event.' };
  return {
    broken: false,
    message: `the receipt is that of event ${at + 1}; ${later} more came after it, so the card should show a newer one by now.`,
  };
}

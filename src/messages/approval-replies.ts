import type { ApprovalResult } from '../archive/approval-clicks';
import { type DenialContext, denialText } from './denials';
import { about } from './notices';
import { blockerWords, driftWords } from './plan';
import { idText } from './text';

type Context = DenialContext & { wanted: 'approve' | 'decline' | 'withdraw' };

/** What a click on a card that awaits approval brought, as far as the card itself does not show it. Null: nothing. */
export function approvalReply(results: readonly ApprovalResult[], context: Context): string | null {
  // Of a batch, only some may ask again.
  const others = results.filter((one) => !('code' in one && one.code === 'already_approved'));
  const told = others.length > 0 ? others : results.slice(0, 1);
  const found = new Map<string, ApprovalResult[]>();
  for (const result of told) {
    const isBatch = results.length === 1 && (result.request?.batch ?? null) !== null;
    const text = resultWords(result, { ...context, isBatch });
    if (text !== null) found.set(text, [...(found.get(text) ?? []), result]);
  }
  const words = [...found].map(([text, same]) => {
    const requests = same.flatMap(({ request }) => request ?? []);
    const [first, ...more] = requests;
    if (first === undefined || (told.length === 1 && first.batch !== null)) return text;
    return more.length === 0
      ? about(first, text)
      : `*Trainings ${requests.map(({ trainingId }) => idText(trainingId)).join(', ')}:* ${text}`;
  });
  return words.length === 0 ? null : words.join('\n');
}

const CHANGES_SHOWN = 5;

function resultWords(result: ApprovalResult, context: Context): string | null {
  switch (result.kind) {
    case 'denied': {
      const { code, request } = result;
      const text = denialText(code, {
        ...context,
        ...(request && { environment: request.environment, state: request.state }),
      });
      return [text, ...(code === 'blocked' && request ? blockerWords(request.plan) : [])].join(' ');
    }
    case 'voided': {
      const changes = result.changes.slice(0, CHANGES_SHOWN).map(driftWords);
      const lead = 'Your approval was not counted, because the plan changed.';
      return [lead, ...changes, 'Look at the card, and approve it again if it is still right.'].join(' ');
    }
    case 'approved':
      return result.pause && `Your approval was counted. ${denialText('paused', { pause: result.pause })}`;
    case 'ended':
      return null;
  }
}

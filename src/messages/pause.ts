import type { PauseAnswer } from '../archive/pause';
import { type DenialContext, denialText, pauseWords } from './denials';
import { COMMAND } from './ids';

/** The reply to `pause` and `resume`. */
export function pauseAnswerText(answer: PauseAnswer, context: DenialContext): string {
  switch (answer.kind) {
    case 'paused':
      return `:double_vertical_bar: *Paused.* Nothing new is sent to Toloka. This applies to all trainings, in every channel and environment. Trainings that Toloka is already archiving are followed to the end. New requests are denied. Requests that are already confirmed wait until archiving is resumed, and approvals can still be given. To resume, type \`${COMMAND} resume\`.`;
    case 'resumed':
      return `:arrow_forward: *Resumed.* Archiving had been paused${pauseWords(answer.pause)}. Requests that waited continue within a minute, if their plans are still the same.`;
    case 'denied':
      return `:no_entry: ${denialText(answer.code, context)}`;
    case 'already_paused':
      return denialText(answer.kind, { ...context, pause: answer.pause });
    case 'not_paused':
      return denialText(answer.kind, context);
  }
}

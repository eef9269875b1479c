import type { PauseAnswer } from '../archive/pause';
import { type DenialContext, denialText, pauseWords } from './denials';
import { COMMAND } from './ids';

/** The reply to `pause` and `resume`. */
export function pauseAnswerText(answer: PauseAnswer, context: DenialContext): string {
  switch (answer.kind) {
    case 'paused':
      return `:double_vertical_bar: *Paused.* Nothing new is sent to Toloka. What Toloka is archiving already is followed to its end. What is confirmed or approved from now on waits. To go on, type \`${COMMAND} resume\`.`;
    case 'resumed':
      return `:arrow_forward: *Resumed.* Archiving was paused${pauseWords(answer.pause)}. What has waited goes on within a minute, if its plan is still the same.`;
    case 'denied':
      return `:no_entry: ${denialText(answer.code, context)}`;
    case 'already_paused':
      return denialText(answer.kind, { ...context, pause: answer.pause });
    case 'not_paused':
      return denialText(answer.kind, context);
  }
}

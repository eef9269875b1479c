import { PassThrough } from 'node:stream';
import { createQuestions } from '../../demo/questions';

/** A terminal as Node has it: raw mode is told by an 'error' event when the window is gone. */
function createWindow() {
  let isGone = false;
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode() {
      if (isGone) input.emit('error', new Error('setRawMode EIO'));
      return input;
    },
  });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  output.resume();
  return {
    input,
    output,
    close() {
      isGone = true;
    },
  };
}

describe('a window that is closed at the prompt', () => {
  it.each(['input', 'output'] as const)('is the end of the input: error on the %s', async (side) => {
    const window = createWindow();
    const questions = createQuestions(window.input, window.output);
    const asked = questions.ask('> ');
    window.close();
    window[side].emit('error', new Error('read EIO'));
    expect(await asked).toBeUndefined();
    expect(await questions.ask('> ')).toBeUndefined();
    questions.close();
  });

  it('may be closed by us first', async () => {
    const window = createWindow();
    const questions = createQuestions(window.input, window.output);
    const asked = questions.ask('> ');
    window.close();
    questions.close();
    expect(await asked).toBeUndefined();
  });
});

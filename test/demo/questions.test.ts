import { PassThrough } from 'node:stream';
import { createQuestions } from '../../demo/questions';

/** A terminal as in Node: when the window is gone, setting raw mode raises an 'error' event. */
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

describe('a terminal that is closed at the prompt', () => {
  it.each(['input', 'output'] as const)('ends the input: error on the %s', async (side) => {
    const window = createWindow();
    const questions = createQuestions(window.input, window.output);
    const asked = questions.ask('> ');
    window.close();
    window[side].emit('error', new Error('read EIO'));
    expect(await asked).toBeUndefined();
    expect(await questions.ask('> ')).toBeUndefined();
    questions.close();
  });

  it('can be closed by the demo first', async () => {
    const window = createWindow();
    const questions = createQuestions(window.input, window.output);
    const asked = questions.ask('> ');
    window.close();
    questions.close();
    expect(await asked).toBeUndefined();
  });
});

import { createInterface } from 'node:readline';

export interface Questions {
  /** The next line, trimmed; undefined once the input has ended. */
  ask(question: string): Promise<string | undefined>;
  /** Writes above the open question and shows the question again below. */
  above(write: () => void): void;
  close(): void;
}

/** Keeps lines that arrive early, so that pasted ones are not lost. */
export function createQuestions(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Questions {
  const terminal = 'isTTY' in output && Boolean(output.isTTY);
  const lines = createInterface({ input, output, terminal });
  const waiting: ((line: string | undefined) => void)[] = [];
  const early: string[] = [];
  let over = false;

  let ended = false;
  const end = () => {
    // Closing restores the terminal's mode. If the window is gone, that raises another error.
    if (ended) return;
    ended = true;
    lines.close();
  };
  for (const side of [input, output, lines]) side.on('error', end);

  lines.on('line', (line) => {
    const next = waiting.shift();
    if (next) next(line.trim());
    else early.push(line.trim());
  });
  lines.on('close', () => {
    over = true;
    for (const next of waiting.splice(0)) next(undefined);
  });
  // In raw mode Ctrl-C comes here and not to the process.
  lines.on('SIGINT', end);

  return {
    ask(question) {
      const [, blank = '', words = ''] = /^(\n*)(.*)$/s.exec(question) ?? [];
      output.write(blank);
      lines.setPrompt(words);
      if (!over) lines.prompt();
      const [line] = early.splice(0, 1);
      if (line !== undefined || over) return Promise.resolve(line);
      return new Promise((resolve) => waiting.push(resolve));
    },
    above(write) {
      if (!terminal || over || waiting.length === 0) {
        write();
        return;
      }
      output.write('\r\u001B[J');
      write();
      lines.prompt(true);
    },
    close: end,
  };
}

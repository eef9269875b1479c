import { type Measured, resultsDocument, withSection } from '../../bench/report';
import { alone } from '../../bench/row';

const part = (title: string, ours: number): Measured => ({
  name: title.toLowerCase(),
  part: { title, how: 'Measured.', run: () => Promise.reject(new Error('never run')) },
  result: { rows: [alone('time', 'ms', ours)], notes: ['A note.'] },
});
const fresh = (measured: readonly Measured[], old = '', kept: readonly string[] = []) =>
  resultsDocument('A machine.', measured, { old, kept });

describe('the document of the results', () => {
  it('puts the section of a part in place of its old one, and leaves the others', () => {
    const old = fresh([part('Start', 1), part('Start again', 2), part('Plan', 3)]);
    expect(withSection(old, part('Start', 9))).toBe(
      fresh([part('Start', 9), part('Start again', 2), part('Plan', 3)]),
    );
  });

  it('gets the section of a new part at its end', () => {
    expect(withSection(fresh([part('Start', 1)]), part('Soak', 2))).toBe(
      fresh([part('Start', 1), part('Soak', 2)]),
    );
  });

  it('keeps of the old one only the sections that are asked for', () => {
    const old = fresh([part('Start', 1), part('Soak', 2), part('Gone', 3)]);
    expect(fresh([part('Start', 9)], old, ['Soak'])).toBe(fresh([part('Start', 9), part('Soak', 2)]));
  });
});

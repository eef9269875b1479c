import { canMove, isOpen, OPEN_STATES, REQUEST_STATES } from '../../src/archive/request';

describe('the life of a request', () => {
  it('never POSTs from anywhere but a confirmed request', () => {
    expect(REQUEST_STATES.filter((from) => canMove(from, 'submitting'))).toEqual(['confirmed']);
  });

  it('lets nothing leave a settled end, except a doubt about "not started"', () => {
    const ends = REQUEST_STATES.filter((state) => state !== 'planned' && !isOpen(state));
    const left = ends.flatMap((from) =>
      REQUEST_STATES.filter((to) => canMove(from, to)).map((to) => [from, to]),
    );
    expect(left).toEqual([['not_started', 'unknown']]);
  });

  it('can reach an end from every open state', () => {
    for (const state of OPEN_STATES) {
      expect(REQUEST_STATES.some((to) => canMove(state, to) && !isOpen(to))).toBe(true);
    }
  });
});

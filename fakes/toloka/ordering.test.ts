import { createOrdering } from './ordering';

/** The same numbers in each run, so that a failure can be repeated. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state;
  };
}

test('agrees with a list that is sorted each time, through thousands of insertions and removals', () => {
  const next = numbers(7);
  const ordering = createOrdering<{ at: number }>((a, b) => a.at - b.at);
  let plain: { at: number }[] = [];
  const check = () => {
    plain.sort((a, b) => a.at - b.at);
    expect(ordering.length).toBe(plain.length);
    expect(ordering.first()).toBe(plain[0]);
    expect([...ordering.walk()]).toEqual(plain);
    const [low, high] = [next() % (plain.length + 1), next() % (plain.length + 1)];
    expect([...ordering.walk(low, high)]).toEqual(plain.slice(low, Math.max(low, high)));
    expect([...ordering.walk(low, high, true)]).toEqual(plain.slice(low, Math.max(low, high)).reverse());
    const sought = next();
    expect(ordering.lowerBound((row) => row.at - sought)).toBe(plain.filter((row) => row.at < sought).length);
  };

  for (let n = 0; n < 3000; n++) {
    const row = { at: next() };
    ordering.insert(row);
    plain.push(row);
    if (n % 500 === 0) check();
  }
  for (let n = 0; plain.length > 0; n++) {
    const gone = plain[next() % plain.length] as { at: number };
    ordering.remove(gone);
    plain = plain.filter((row) => row !== gone);
    if (n % 500 === 0) check();
  }
  check();
  ordering.remove({ at: 1 });
  expect(ordering.length).toBe(0);
});

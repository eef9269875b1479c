import fc from 'fast-check';
import { canonical, chained, factsOf, genesis, receiptOf } from '../../src/journal/chain';
import { rowFromEvent, rowFromRequest } from '../../src/journal/rows';
import { NOON, newRequest } from './builders';

describe('canonical JSON', () => {
  it('is one text for equal values, whatever the order of their keys', () => {
    const text = '{"a":[1,"é\\n",{"b":null,"c":true}],"z":-0.5}';
    expect(canonical({ z: -0.5, a: [1, 'é\n', { c: true, b: null }], gone: undefined })).toBe(text);
  });

  it('loses nothing and is the same after any way through JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value));
      }),
    );
  });
});

describe('the chain', () => {
  const row = rowFromRequest({
    ...newRequest('a'),
    version: 1,
    state: 'planned',
    reason: null,
    operationId: null,
    progress: null,
    outcome: null,
    card: null,
    threadSeq: 0,
    confirmedAt: null,
    submittedAt: null,
    finishedAt: null,
    lease: null,
    stepAt: null,
    publishAt: null,
    stepTries: 0,
    publishTries: 0,
  });
  const asked = rowFromEvent({
    requestId: 'a',
    seq: 1,
    at: NOON,
    kind: 'asked',
    from: null,
    to: 'planned',
    actor: 'U1',
    detail: { message: 'привет', code: 'c' },
  });

  // Computed by hand, with sha256sum over the texts that docs/audit.md describes. They must never change: journals
  // out there have them.
  it('hashes what the documents say, for ever', () => {
    expect(genesis({ ...row, created_at: '1767355200000' } as never, 'f1')).toBe(
      'a61b1c1403cd2f2d13c4d20029c1a39c75a49fe1559ade797cb811d84e42bb1f',
    );
    expect(factsOf(row)).toBe('9f6ce7d2d7877a7d197ebddc60e4037e6ddd6bed4670227e59e7d3c5d7db9182');
    expect(chained(asked, row as never, null)).toEqual({
      ...asked,
      plan_fingerprint: 'f1',
      facts: '9f6ce7d2d7877a7d197ebddc60e4037e6ddd6bed4670227e59e7d3c5d7db9182',
      hash: '94f3dc194209370531da73a3b75eaacf49fd6257341232d578b38d8c27bc3ad0',
    });
    expect(receiptOf('0123456789abcdef0011')).toBe('0123-4567-89ab-cdef');
  });
});

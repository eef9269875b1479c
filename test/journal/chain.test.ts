import fc from 'fast-check';
import { askedEvent } from '../../src/archive/transitions';
import { canonical, chained, factsDigest, genesis, receiptOf } from '../../src/journal/chain';
import { newRow, rowFromEvent } from '../../src/journal/rows';
import { newRequest } from './builders';

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
  const request = newRequest('a', { requester: 'привет' });
  const row = newRow(request);

  // Computed by hand, with sha256sum over the texts that docs/audit.md describes. They must never change: existing
  // journals have them.
  it('hashes what the documents say', () => {
    expect(genesis(row, 'f1')).toBe('309eb6eeebb0cc38bb3a0cc63aeeee5b971c03469a71fa6875ec661cde74474c');
    // Stored facts that a later version adds change the facts of new requests only.
    const facts = '{"reason":"é","plan":{"fingerprint":"f1"},"operationId":null}';
    expect(factsDigest(facts)).toBe('97668570a686ffb32c91d275b3222650bf1073b8154eadb69999333a904a0922');
    const asked = rowFromEvent(askedEvent(request));
    expect(chained(asked, { ...row, facts }, null)).toEqual({
      ...asked,
      plan_fingerprint: 'f1',
      facts: '97668570a686ffb32c91d275b3222650bf1073b8154eadb69999333a904a0922',
      hash: '404f725c5a6362cf5844719203490cbe61c0d8941c76fa64124f2dbfdf8e7eff',
    });
    expect(receiptOf('0123456789abcdef0011')).toBe('0123-4567-89ab-cdef');
  });
});

import fc from 'fast-check';
import { parseCommand } from '../../src/handlers/command-text';

const ask = (trainingId: string, environment: string | null = null) => ({
  kind: 'ask',
  trainingId,
  environment,
});

describe('parseCommand', () => {
  it.each([
    ['123456', ask('123456')],
    ['  123456  ', ask('123456')],
    ['123456 sandbox', ask('123456', 'sandbox')],
    ['123456 PRODUCTION', ask('123456', 'production')],
    ['123456 yandex-sandbox', ask('123456', 'yandex-sandbox')],
    ['https://platform.toloka.ai/requester/project/7/training/123456', ask('123456', 'production')],
    ['https://platform.toloka.ai/requester/project/7/training/123456/?x=1#y', ask('123456', 'production')],
    ['HTTPS://Platform.Toloka.AI/requester/project/7/training/123456', ask('123456', 'production')],
    ['<https://platform.sandbox.toloka.ai/requester/project/7/training/9|here>', ask('9', 'sandbox')],
    ['https://sandbox.toloka.yandex.com/requester/project/7/training/9 sandbox', ask('9', 'sandbox')],
    ['platform.toloka.ai/requester/project/7/training/123456', ask('123456', 'production')],
    ['sandbox.toloka.dev/requester/project/7/training/9 sandbox', ask('9', 'sandbox')],
    ['help', { kind: 'help' }],
    ['HELP', { kind: 'help' }],
  ])('reads %j', (text, expected) => {
    expect(parseCommand(text)).toEqual(expected);
  });

  it.each([
    ['', 'no_id'],
    ['   ', 'no_id'],
    ['\u200B', 'no_id'],
    ['training', 'bad_id'],
    ['-5', 'bad_id'],
    ['0', 'bad_id'],
    ['1e5', 'bad_id'],
    ['12.5', 'bad_id'],
    ['1234567890123456789012345678901234567890', 'bad_id'],
    ['0123456', 'leading_zero'],
    ['https://platform.toloka.ai/requester/project/7/training/0123', 'leading_zero'],
    ['<@U012AB>', 'bad_id'],
    ['*123456*', 'bad_id'],
    ['`123456`', 'bad_id'],
    ['١٢٣', 'bad_id'],
    ['123456; DROP', 'bad_id'],
    ['123456 moon', 'bad_environment'],
    ['123456 654321', 'too_many'],
    ['1 2 3', 'too_many'],
    ['https://platform.toloka.ai/requester/project/7/pool/123456', 'pool_link'],
    ['platform.toloka.ai/requester/project/7/pool/123456', 'pool_link'],
    ['https://platform.toloka.ai/requester/project/7', 'bad_link'],
    ['https://example.com/requester/project/7/training/123456', 'bad_link'],
    ['example.com/training/123456', 'bad_link'],
    ['https://platform.toloka.ai.example.com/requester/project/7/training/1', 'bad_link'],
    ['https://platform.toloka.ai@example.com/requester/project/7/training/1', 'bad_link'],
    ['https://constructor/requester/project/1/training/5', 'bad_link'],
    ['https://platform.toloka.ai/requester/project/7/training/123456 sandbox', 'environment_conflict'],
  ])('explains %j', (text, code) => {
    expect(parseCommand(text)).toMatchObject({ kind: 'wrong', code });
  });

  it.each(['\u200B', '\u2060', '\u200E', '\u202A', '\u2066', '\uFEFF', '\u00AD'])(
    'ignores the invisible character %j',
    (invisible) => {
      expect(parseCommand(`${invisible}123${invisible}456${invisible}`)).toEqual(ask('123456'));
    },
  );

  it('says what is in conflict', () => {
    expect(parseCommand('platform.toloka.ai/requester/project/7/training/1 sandbox')).toMatchObject({
      about: { environment: 'sandbox', linkEnvironment: 'production' },
    });
  });

  it('accepts nothing but a plain run of digits as an ID', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseCommand(text);
        if (parsed.kind === 'ask') expect(text.replaceAll(/\p{Cf}/gu, '')).toMatch(/(^|\/)\s*[1-9]\d{0,18}/);
      }),
    );
  });
});

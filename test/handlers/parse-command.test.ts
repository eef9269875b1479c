import fc from 'fast-check';
import { parseCommand } from '../../src/handlers/parse-command';

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
    ['<https://platform.sandbox.toloka.ai/requester/project/7/training/9|here>', ask('9', 'sandbox')],
    ['https://sandbox.toloka.yandex.com/requester/project/7/training/9 sandbox', ask('9', 'sandbox')],
    ['help', { kind: 'help' }],
    ['HELP', { kind: 'help' }],
  ])('reads %j', (text, expected) => {
    expect(parseCommand(text)).toEqual(expected);
  });

  it.each([
    ['', 'no_id'],
    ['   ', 'no_id'],
    ['training', 'bad_id'],
    ['-5', 'bad_id'],
    ['0', 'bad_id'],
    ['1e5', 'bad_id'],
    ['12.5', 'bad_id'],
    ['1234567890123456789012345678901234567890', 'bad_id'],
    ['<@U012AB>', 'bad_id'],
    ['*123456*', 'bad_id'],
    ['`123456`', 'bad_id'],
    ['١٢٣', 'bad_id'],
    ['123456; DROP', 'bad_id'],
    ['123456 moon', 'bad_environment'],
    ['123456 654321', 'too_many'],
    ['1 2 3', 'too_many'],
    ['https://platform.toloka.ai/requester/project/7/pool/123456', 'pool_link'],
    ['https://platform.toloka.ai/requester/project/7', 'bad_link'],
    ['https://example.com/requester/project/7/training/123456', 'bad_link'],
    ['https://platform.toloka.ai.example.com/requester/project/7/training/1', 'bad_link'],
    ['https://platform.toloka.ai/requester/project/7/training/123456 sandbox', 'environment_conflict'],
  ])('explains %j', (text, code) => {
    expect(parseCommand(text)).toMatchObject({ kind: 'wrong', code });
  });

  it('never takes anything for an id but a plain run of digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseCommand(text);
        if (parsed.kind === 'ask') expect(text).toMatch(/(^|\/)\s*[1-9]\d{0,18}/);
      }),
    );
  });
});

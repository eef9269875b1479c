import fc from 'fast-check';
import { MOST_TRAININGS, parseCommand } from '../../src/handlers/command-text';

const ask = (trainingId: string | string[], environment: string | null = null) => ({
  ...{ kind: 'ask', trainingIds: [trainingId].flat(), environment },
});
const pick = (environment: string | null = null) => ({ kind: 'pick', environment });
const about = (kind: string, trainingId: string, environment: string | null = null) => ({
  ...{ kind, trainingId, environment },
});
const link = (id: string, host = 'platform.toloka.ai') =>
  `https://${host}/requester/project/7/training/${id}`;
const SANDBOX = 'platform.sandbox.toloka.ai';
const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(100 + n));

describe('parseCommand', () => {
  it.each<[string, object]>([
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
    // Several, with whatever people put between them.
    ['1 2 3', ask(['1', '2', '3'])],
    ['1,2;3', ask(['1', '2', '3'])],
    [' 1,\n2 ; 3, ', ask(['1', '2', '3'])],
    ['3 1 2 Sandbox', ask(['3', '1', '2'], 'sandbox')],
    [`5 ${link('6')}`, ask(['5', '6'], 'production')],
    [`${link('6', SANDBOX)}, ${link('7', SANDBOX)}`, ask(['6', '7'], 'sandbox')],
    [`${link('6', 'toloka.yandex.com')} 7 yandex`, ask(['6', '7'], 'yandex')],
    [numbers(20).join(' '), ask(numbers(20))],
    // No training yet.
    ['', pick()],
    ['   ', pick()],
    ['\u200B', pick()],
    [',;', pick()],
    ['sandbox', pick('sandbox')],
    ['YANDEX-SANDBOX', pick('yandex-sandbox')],
    // Words.
    ...['help', 'HELP', '?', '-h', '--help', 'help 123456'].map((text): [string, object] => [
      text,
      { kind: 'help' },
    ]),
    ['list', { kind: 'list' }],
    [' List ', { kind: 'list' }],
    ['resume', { kind: 'resume' }],
    ['\u200BRESUME', { kind: 'resume' }],
    ['pause a migration', { kind: 'pause', reason: 'a migration' }],
    ['PAUSE  until 5, maybe 6;\nask <@U1>', { kind: 'pause', reason: 'until 5, maybe 6;\nask <@U1>' }],
    ['pause 123456', { kind: 'pause', reason: '123456' }],
    ['status 123456', about('status', '123456')],
    ['Status 123456 sandbox', about('status', '123456', 'sandbox')],
    [`history ${link('9')}`, about('history', '9', 'production')],
    [`check ${link('9', SANDBOX)} sandbox`, about('check', '9', 'sandbox')],
  ])('reads %j', (text, expected) => {
    expect(parseCommand(text)).toEqual(expected);
  });

  it.each([
    ['training', 'unknown_command'],
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
    ['123456; DROP', 'bad_environment'],
    ['123456 moon', 'bad_environment'],
    ['123456 sandbox 654321', 'bad_environment'],
    ['123456 list', 'bad_environment'],
    ['sandbox production', 'bad_id'],
    ['lists', 'unknown_command'],
    ['1 2 1', 'duplicate_id'],
    [`123456 ${link('123456')}`, 'duplicate_id'],
    [numbers(21).join(','), 'too_many'],
    ['pause', 'no_reason'],
    ['pause \u200B ', 'no_reason'],
    ['resume 123456', 'resume_is_for_all'],
    ['resume sandbox', 'resume_is_for_all'],
    ['status', 'no_id'],
    ['history sandbox', 'no_id'],
    ['check 1 2', 'one_training'],
    ['status 0123', 'leading_zero'],
    ['history moon', 'bad_id'],
    ['check 1 moon', 'bad_environment'],
    [`status ${link('1')} sandbox`, 'environment_conflict'],
    ['1 x 3', 'bad_environment'],
    [`1 ${'https://example.com/training/2'}`, 'bad_link'],
    [`1 https://platform.toloka.ai/requester/project/7/pool/2`, 'pool_link'],
    [`${link('1')} ${link('2', SANDBOX)}`, 'environment_conflict'],
    [`${link('1', SANDBOX)} 2 production`, 'environment_conflict'],
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

  it.each([
    [`${link('1')} sandbox`, { environment: 'sandbox', linkEnvironment: 'production' }],
    [`${link('1')} ${link('2', SANDBOX)}`, { environment: 'production', linkEnvironment: 'sandbox' }],
    ['5 6 5', { trainingId: '5' }],
  ])('says what is wrong in %j', (text, expected) => {
    expect(parseCommand(text)).toMatchObject({ about: expected });
  });

  it('accepts nothing but a plain run of digits as an ID', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseCommand(text);
        if (parsed.kind === 'ask')
          expect(text.replaceAll(/\p{Cf}/gu, '')).toMatch(/(^|[\s,;/])[1-9]\d{0,18}/);
      }),
    );
  });

  it('keeps the order of a list, and finds what is there twice, whatever is between the IDs', () => {
    const id = fc.integer({ min: 1 }).map(String);
    const separator = fc.stringMatching(/^[\s,;]{1,3}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(id, separator), { minLength: 1, maxLength: 25 }), (parts) => {
        const ids = parts.map(([one]) => one);
        const parsed = parseCommand(parts.flat().join(''));
        if (new Set(ids).size < ids.length) expect(parsed).toMatchObject({ code: 'duplicate_id' });
        else if (ids.length > MOST_TRAININGS) expect(parsed).toMatchObject({ code: 'too_many' });
        else expect(parsed).toEqual(ask(ids));
      }),
    );
  });
});

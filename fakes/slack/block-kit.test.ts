import { checkMessage, checkView } from '.';
import { actions, button, input, modal, mrkdwn, plain, section } from './test-helpers';

const of = (length: number): string => 'x'.repeat(length);
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const option = (text: string, value = text) => ({ text: plain(text), value });
const field = (text: string) => ({ type: 'section', fields: [mrkdwn(text)] });
const select = (options: object[], more: object = {}) => ({
  type: 'static_select',
  action_id: 'a',
  options,
  ...more,
});
const inActions = (element: object) => ({ type: 'actions', elements: [element] });
const asAccessory = (element: object) => ({ ...section('s'), accessory: { action_id: 'a', ...element } });
const confirm = (parts: object) =>
  inActions(button('b', 'a', { confirm: { text: mrkdwn('sure?'), ...parts } }));
const group = (label: string, count: number) => ({
  label: plain(label),
  options: times(count, (i) => option(`${i}`)),
});

/** A value at the limit is accepted, one more is refused. */
const LIMITS: [name: string, build: (size: number) => object, max: number][] = [
  ['section text', (n) => section(of(n)), 3000],
  ['field text', (n) => field(of(n)), 2000],
  ['fields', (n) => ({ type: 'section', fields: times(n, () => mrkdwn('f')) }), 10],
  ['header', (n) => ({ type: 'header', text: plain(of(n)) }), 150],
  ['button text', (n) => actions(button(of(n), 'a')), 75],
  ['button value', (n) => actions(button('b', 'a', { value: of(n) })), 2000],
  ['button url', (n) => actions(button('b', 'a', { url: of(n) })), 3000],
  ['elements of actions', (n) => actions(...times(n, (i) => button('b', `a${i}`))), 25],
  ['elements of context', (n) => ({ type: 'context', elements: times(n, () => mrkdwn('c')) }), 10],
  ['block_id', (n) => ({ ...section('s'), block_id: of(n) }), 255],
  ['action_id', (n) => actions(button('b', of(n))), 255],
  ['option text', (n) => inActions(select([option(of(n), 'v')])), 75],
  ['option value', (n) => inActions(select([option('t', of(n))])), 150],
  ['options', (n) => inActions(select(times(n, (i) => option(`${i}`)))), 100],
  [
    'option groups',
    (n) => inActions({ ...select([]), options: undefined, option_groups: times(n, () => group('g', 1)) }),
    100,
  ],
  [
    'overflow options',
    (n) => inActions({ type: 'overflow', action_id: 'a', options: times(n, (i) => option(`${i}`)) }),
    5,
  ],
  [
    'options of checkboxes',
    (n) => inActions({ type: 'checkboxes', action_id: 'a', options: times(n, (i) => option(`${i}`)) }),
    10,
  ],
  [
    'initial options of a menu that asks the app',
    (n) => asAccessory({ type: 'multi_external_select', initial_options: times(n, (i) => option(`${i}`)) }),
    100,
  ],
  ['placeholder', (n) => inActions(select([option('o')], { placeholder: plain(of(n)) })), 150],
  ['confirm title', (n) => confirm({ title: plain(of(n)) }), 100],
  ['confirm text', (n) => confirm({ text: mrkdwn(of(n)) }), 300],
  ['confirm button', (n) => confirm({ confirm: plain(of(n)) }), 30],
  ['deny button', (n) => confirm({ deny: plain(of(n)) }), 30],
  ['alt text', (n) => ({ type: 'image', image_url: 'https://e.example/i.png', alt_text: of(n) }), 2000],
  ['input label', (n) => input('b', of(n)), 2000],
  ['input hint', (n) => input('b', 'l', {}, { hint: plain(of(n)) }), 2000],
  ['max_length', (n) => input('b', 'l', { max_length: n }), 3000],
  ['min_length', (n) => input('b', 'l', { min_length: n }), 3000],
  ['initial_value', (n) => input('b', 'l', { max_length: 7, initial_value: of(n) }), 7],
  ['markdown', (n) => ({ type: 'markdown', text: of(n) }), 12_000],
];

describe('limits of a block', () => {
  it.each(LIMITS)('%s', (_, build, max) => {
    expect(checkMessage({ text: 't', blocks: [build(max)] })).toEqual([]);
    expect(checkMessage({ text: 't', blocks: [build(max + 1)] })).toHaveLength(1);
  });
});

describe('limits of a message', () => {
  it('takes 50 blocks and 40,000 characters of text, not more', () => {
    const blocks = (count: number) => times(count, () => ({ type: 'divider' }));
    expect(checkMessage({ text: of(40_000), blocks: blocks(50) })).toEqual([]);
    expect(checkMessage({ text: of(40_001) })[0]).toMatch(/^msg_too_long/);
    expect(checkMessage({ text: 't', blocks: blocks(51) })[0]).toBe(
      'invalid_blocks: no more than 50 items allowed [json-pointer:/blocks]',
    );
  });

  it('counts the characters of all blocks together', () => {
    const blocks = (last: number) => [...times(4, () => section(of(3000))), section(of(last))];
    expect(checkMessage({ text: 't', blocks: blocks(1_200) })).toEqual([]);
    expect(checkMessage({ text: 't', blocks: blocks(1_201) })[0]).toMatch(/^msg_blocks_too_long/);
  });

  it('needs a text or a block', () => {
    expect(checkMessage({ blocks: [] })[0]).toMatch(/^no_text/);
    expect(checkMessage({ blocks: [section('s')] })).toEqual([]);
  });

  it.each([
    ['a nested list', { event_type: 't', event_payload: { a: [[1]] } }],
    ['null', { event_type: 't', event_payload: { a: null } }],
    ['no payload', { event_type: 't' }],
  ])('refuses metadata with %s', (_, metadata) => {
    expect(checkMessage({ text: 't', metadata })[0]).toMatch(/^invalid_metadata_format/);
  });

  it('takes flat metadata', () => {
    const event_payload = { a: 'x', b: 1, c: true, d: { e: 1 }, f: [{ g: 1 }] };
    expect(checkMessage({ text: 't', metadata: { event_type: 't', event_payload } })).toEqual([]);
  });
});

describe('shape', () => {
  it.each<[name: string, block: object, pointer: string]>([
    ['an empty section', section(''), '/blocks/0/text/text'],
    ['mrkdwn in a header', { type: 'header', text: mrkdwn('h') }, '/blocks/0/text/type'],
    [
      'mrkdwn in a button',
      actions({ ...button('b', 'a'), text: mrkdwn('b') as never }),
      '/blocks/0/elements/0/text/type',
    ],
    ['emoji on mrkdwn', { type: 'section', text: { ...mrkdwn('s'), emoji: true } }, '/blocks/0/text/emoji'],
    ['an unknown block', { type: 'paragraph' }, '/blocks/0/type'],
    ['an unknown style', actions(button('b', 'a', { style: 'red' })), '/blocks/0/elements/0/style'],
    [
      'a text field in actions',
      inActions({ type: 'plain_text_input', action_id: 'a' }),
      '/blocks/0/elements/0/type',
    ],
    ['a button in an input', input('b', 'l', button('x', 'y')), '/blocks/0/element/type'],
    [
      'an image without alt_text',
      { type: 'image', image_url: 'https://e.example/i.png' },
      '/blocks/0/alt_text',
    ],
    ['min above max', input('b', 'l', { min_length: 5, max_length: 4 }), '/blocks/0/element/min_length'],
    ['a menu without options', inActions(select([])), '/blocks/0/elements/0/options'],
    [
      'a choice that is not offered',
      inActions(select([option('a')], { initial_option: option('b') })),
      '/blocks/0/elements/0/initial_option',
    ],
    ['a confirmation of another colour', confirm({ style: 'red' }), '/blocks/0/elements/0/confirm/style'],
    [
      'a multi-select menu in actions',
      inActions({ type: 'multi_external_select', action_id: 'a' }),
      '/blocks/0/elements/0/type',
    ],
    [
      'a menu of which nothing can be selected',
      asAccessory({ type: 'multi_external_select', max_selected_items: 0 }),
      '/blocks/0/accessory/max_selected_items',
    ],
    [
      'a menu that asks after half a character',
      asAccessory({ type: 'external_select', min_query_length: 0.5 }),
      '/blocks/0/accessory/min_query_length',
    ],
    [
      'options of a menu that asks the app',
      asAccessory({ type: 'external_select', options: [option('a')] }),
      '/blocks/0/accessory/options',
    ],
    [
      'an initial option that is too long',
      asAccessory({ type: 'external_select', initial_option: option(of(76)) }),
      '/blocks/0/accessory/initial_option/text/text',
    ],
    [
      'options and groups',
      asAccessory({ ...select([option('a')]), option_groups: [group('g', 1)] }),
      '/blocks/0/accessory/options',
    ],
    ...[{}, { include: [] }, { include: ['secret'] }].map((filter): [string, object, string] => [
      `the filter ${JSON.stringify(filter)}`,
      asAccessory({ type: 'conversations_select', filter }),
      `/blocks/0/accessory/filter${'include' in filter ? '/include' : ''}`,
    ]),
    ...[{}, { trigger_actions_on: [] }, { trigger_actions_on: ['on_blur'] }].map(
      (config): [string, object, string] => [
        `dispatching on ${JSON.stringify(config)}`,
        input('b', 'l', { dispatch_action_config: config }),
        '/blocks/0/element/dispatch_action_config/trigger_actions_on',
      ],
    ),
    ['equal action_ids', actions(button('b', 'a'), button('c', 'a')), '/blocks/0/elements'],
  ])('refuses %s', (_, block, pointer) => {
    expect(checkMessage({ text: 't', blocks: [block] })).toEqual([
      expect.stringContaining(`[json-pointer:${pointer}]`),
    ]);
  });

  it('refuses a block_id twice', () => {
    const blocks = [section('a'), section('b')].map((block) => ({ ...block, block_id: 'same' }));
    expect(checkMessage({ text: 't', blocks })).toEqual([expect.stringContaining('duplicate block_id')]);
  });

  it('does not crash on nonsense', () => {
    const blocks = [null, 7, { type: 'actions', elements: [null] }, { type: 'section', text: 'no object' }];
    expect(checkMessage({ blocks }).length).toBeGreaterThan(3);
    expect(checkMessage({ blocks: 'no list' })).not.toEqual([]);
    expect(checkView({})).not.toEqual([]);
  });
});

describe('views', () => {
  it.each<[name: string, build: (size: number) => object, max: number]>([
    ['title', (n) => modal(of(n), [section('s')]), 24],
    ['submit', (n) => modal('t', [section('s')], { submit: plain(of(n)) }), 24],
    ['close', (n) => modal('t', [section('s')], { close: plain(of(n)) }), 24],
    ['private_metadata', (n) => modal('t', [section('s')], { private_metadata: of(n) }), 3000],
    ['callback_id', (n) => modal('t', [section('s')], { callback_id: of(n) }), 255],
    [
      'blocks',
      (n) =>
        modal(
          't',
          times(n, () => ({ type: 'divider' })),
        ),
      100,
    ],
  ])('%s', (_, build, max) => {
    expect(checkView(build(max))).toEqual([]);
    expect(checkView(build(max + 1))).toHaveLength(1);
  });

  it('needs a submit button with an input, and a title', () => {
    expect(checkView(modal('t', [input('b', 'l')]))).toEqual([]);
    expect(checkView(modal('t', [input('b', 'l')], { submit: undefined }))[0]).toContain(
      '[json-pointer:/submit]',
    );
    expect(checkView(modal('t', [section('s')], { title: undefined }))[0]).toContain('[json-pointer:/title]');
  });

  it('refuses what belongs to a message or to a modal only', () => {
    expect(checkView(modal('t', [{ type: 'markdown', text: 'm' }]))).toHaveLength(1);
    expect(checkView({ type: 'home', blocks: [section('s')], title: plain('t') })).toHaveLength(1);
    expect(checkView({ type: 'home', blocks: [section('s')] })).toEqual([]);
  });

  it.each(['number_input', 'email_text_input', 'url_text_input', 'file_input', 'datetimepicker'])(
    'takes %s in a modal only',
    (type) => {
      const block = input('b', 'l', { type, is_decimal_allowed: false });
      expect(checkView(modal('t', [block]))).toEqual([]);
      expect(checkView({ type: 'home', blocks: [block] })).toHaveLength(1);
      expect(checkMessage({ blocks: [block] })).toHaveLength(1);
    },
  );

  it('asks for a response_url in a modal only', () => {
    const block = input('b', 'l', { type: 'conversations_select', response_url_enabled: true });
    expect(checkView(modal('t', [block]))).toEqual([]);
    expect(checkView({ type: 'home', blocks: [block] })[0]).toContain('response_url_enabled');
    const accessory = asAccessory({ type: 'channels_select', response_url_enabled: true });
    expect(checkView(modal('t', [accessory]))[0]).toContain('response_url_enabled');
  });

  it('takes menus that ask the app and menus of conversations in a Home tab', () => {
    const filter = { include: ['public', 'private'], exclude_bot_users: true };
    const blocks = [
      input('a', 'l', { type: 'multi_external_select', min_query_length: 0, max_selected_items: 50 }),
      input('b', 'l', { type: 'conversations_select', filter, default_to_current_conversation: true }),
      input('c', 'l', { dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] } }),
    ];
    expect(checkView({ type: 'home', blocks })).toEqual([]);
  });

  it('lets one element only take the focus', () => {
    const two = [input('a', 'l', { focus_on_load: true }), input('b', 'l', { focus_on_load: true })];
    expect(checkView(modal('t', two))).toHaveLength(1);
  });
});

import { renderText } from '.';
import { renderMrkdwn } from './render';
import { actions, button, input, modal, mrkdwn, plain, section } from './test-helpers';

const NAMES: Record<string, string> = { U01: 'alice', C01: 'pools', S01: 'archivists' };
const nameOf = (id: string) => NAMES[id];

describe('mrkdwn', () => {
  it.each([
    ['<@U01> asked', '@alice asked'],
    ['<@U99> asked', '@U99 asked'],
    ['in <#C01>', 'in #pools'],
    ['<!subteam^S01>', '@archivists'],
    ['<!subteam^S09|@others>', '@others'],
    ['<!here> <!channel>', '@here @channel'],
    ['<https://toloka.example/1|Pool 1>', 'Pool 1'],
    ['<https://toloka.example/1>', 'https://toloka.example/1'],
    ['<!date^1700000000^{date}|14 Nov>', '14 Nov'],
    ['a &lt;!channel&gt; &amp; b', 'a <!channel> & b'],
    ['&amp;lt;', '&lt;'],
  ])('%s', (source, shown) => {
    expect(renderMrkdwn(source, nameOf)).toBe(shown);
  });
});

describe('messages', () => {
  it('shows blocks, not the fallback text', () => {
    const blocks = [
      { type: 'header', text: plain('Archived') },
      section('by <@U01>'),
      { type: 'section', fields: [mrkdwn('*State*\nrunning'), mrkdwn('*Pools*\n2')] },
      { type: 'divider' },
      {
        type: 'context',
        elements: [mrkdwn('op 1'), { type: 'image', alt_text: 'logo', image_url: 'https://e.example' }],
      },
      actions(button('Approve', 'a'), button('Decline', 'b')),
    ];
    expect(renderText({ text: 'fallback', blocks }, nameOf)).toBe(
      [
        '# Archived',
        'by @alice',
        '  *State*: running',
        '  *Pools*: 2',
        '---',
        '  (op 1 · [image: logo])',
        '[Approve] [Decline]',
      ].join('\n'),
    );
  });

  it('shows the text when there is no block', () => {
    expect(renderText({ text: 'hi <@U01>', blocks: [] }, nameOf)).toBe('hi @alice');
  });

  it('shows plain_text literally, so that a stray escape is seen', () => {
    expect(renderText({ blocks: [{ type: 'section', text: plain('a &amp; <@U01>') }] }, nameOf)).toBe(
      'a &amp; <@U01>',
    );
  });
});

describe('views', () => {
  it('shows inputs, errors and buttons', () => {
    const view = modal('Archive', [
      input('reason', 'Reason', { placeholder: plain('Why?') }),
      input('id', 'Training id', {}, { optional: true, hint: plain('digits') }),
    ]);
    const state = {
      values: { id: { value: { type: 'plain_text_input', value: '12' } } },
      errors: { id: 'Too short' },
    };
    expect(renderText({ ...(view as object), ...state, notice: 'Try again?' })).toBe(
      [
        '== Archive ==',
        '! Try again?',
        'Reason: ____ (Why?)',
        'Training id (optional): 12',
        '  (digits)',
        '  ! Too short',
        '[Cancel] [Archive]',
      ].join('\n'),
    );
  });

  it('shows what is selected: options, and people and conversations by name', () => {
    const menu = (type: string) => ({ type, action_id: 'a' });
    const view = modal('Archive', [
      input('many', 'Trainings', menu('multi_external_select')),
      input('where', 'Where', menu('conversations_select')),
      input('who', 'Who', menu('multi_users_select')),
    ]);
    const options = ['Faces', 'Shops'].map((text) => ({ text: plain(text), value: text }));
    const values = {
      many: { a: { type: 'multi_external_select', selected_options: options } },
      where: { a: { type: 'conversations_select', selected_conversation: 'C01' } },
      who: { a: { type: 'multi_users_select', selected_users: ['U01', 'U99'] } },
    };
    expect(renderText({ ...(view as object), values }, nameOf)).toContain(
      'Trainings: Faces, Shops\nWhere: pools\nWho: alice, U99',
    );
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { emoji } from '../../demo/page/emoji';
import { html } from '../../demo/page/html';
import { type Look, mrkdwn, plainText } from '../../demo/page/mrkdwn';
import { APP_NAME } from '../../demo/page/people';
import { escapeUntrusted } from '../../src/messages/text';

const root = join(__dirname, '..', '..');
const NAMES: Record<string, string> = { U1: 'alice', C1: 'general', S1: 'reviewers', S2: 'approvers' };
const withoutComments = (code: string) => code.replaceAll(/^\s*(\/?\*|\/\/).*$/gm, '');
const look: Look = {
  now: Date.UTC(2026, 0, 2, 12),
  nameOf: (id) => NAMES[id],
  isMine: (id) => id === 'U2' || id === 'S2',
};
const shown = (text: string) => mrkdwn(look, text).html;

describe('mrkdwn as HTML', () => {
  it.each([
    ['*bold* _it_ ~no~ `a*b*`', '<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>'],
    ['my_training_1 and 2*3*4', 'my_training_1 and 2*3*4'],
    ['*Training* of <@U1>', '<strong>Training</strong> of <span class="mention">@alice</span>'],
    ['one\ntwo', 'one<br>two'],
    [
      '<!subteam^S1> or <!subteam^S9|@others>',
      '<span class="mention">@reviewers</span> or <span class="mention">@others</span>',
    ],
    ['<!subteam^S2|@old-name>', '<span class="mention mine">@approvers</span>'],
    ['&gt; said\nthen', '<blockquote>said</blockquote>then'],
    ['&amp;lt; &lt;b&gt;', '&amp;lt; &lt;b&gt;'],
    ['<!channel>', '<span class="mention mine broadcast">@channel</span>'],
    ['&lt;!channel&gt; &lt;@U1&gt;', '&lt;!channel&gt; &lt;@U1&gt;'],
    ['<javascript:alert(1)|press>', 'press'],
    [
      '<https://x.y/?a=1&amp;b="><b>|w>',
      '<a href="#" class="link" data-outside="https://x.y/?a=1&amp;b=&quot;" title="https://x.y/?a=1&amp;b=&quot;">https://x.y/?a=1&amp;b=&quot;</a>b|w&gt;',
    ],
    ['<script>alert(1)</script>', 'scriptalert(1)/script'],
    [':no_such_emoji: 12:30:45', ':no_such_emoji: 12:30:45'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('shows dates, and the fallback if the form is wrong', () => {
    expect(shown('<!date^1767268800^{date_short_pretty}|then>')).toContain('yesterday</time>');
    expect(shown('<!date^soon^{date}|then>')).toBe('then');
  });

  it('text that the app has escaped stays text', () => {
    const nasty = '<!channel> & *_~ *bold* `code` <@U1> <img src=x>';
    const markup = shown(escapeUntrusted(nasty, 300));
    expect(markup).not.toMatch(/</);
    expect(markup.replaceAll('\u200B', '')).toBe(html`${nasty}`.html);
  });

  it('plain_text shows all its characters', () => {
    expect(plainText({ text: '<!channel> & *_~ &amp; :x:', emoji: false }).html).toBe(
      '&lt;!channel&gt; &amp; *_~ &amp;amp; :x:',
    );
    expect(plainText({ text: 'a :x: <b>' }).html).toContain('❌');
  });
});

describe('what the page knows of the app', () => {
  it('has every emoji that the app’s messages use', () => {
    const src = join(root, 'src');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^(messages|handlers)\/.*\.ts$/.test(name),
    );
    const used = files.flatMap(
      (name) => withoutComments(readFileSync(join(src, name), 'utf8')).match(/(?<=['"`(\s]):[a-z_]+:/g) ?? [],
    );
    expect(used.length).toBeGreaterThan(10);
    expect([...new Set(used)].filter((name) => emoji(name.slice(1, -1)) === undefined)).toEqual([]);
  });

  it('calls the app by the manifest’s name', () => {
    const manifest = parse(readFileSync(join(root, 'manifest.yml'), 'utf8'));
    expect(APP_NAME).toBe(manifest.display_information.name);
  });
});

import { createTokenWatch } from '../../src/slack/token';

it('knows a problem with a certificate until Slack answers again', async () => {
  const cause = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
  const answers = [
    () => Promise.reject(new TypeError('fetch failed', { cause })),
    async () => Response.json({ ok: true }),
  ];
  const watch = createTokenWatch(() => answers.shift()?.() ?? Promise.reject(new Error('too many calls')));
  const call = () => watch.fetch('https://slack.test/').catch(() => {});
  const problems = () => watch.problems(async () => {});
  await call();
  expect(problems()).toEqual([
    expect.stringMatching(/^No TLS connection to Slack \(CERT_HAS_EXPIRED: .*Renew/),
  ]);
  await call();
  expect(problems()).toEqual([]);
});

import { z } from 'zod';
import { urlProblem } from '../toloka';

// The kinds of settings. A message follows the name of its setting, says how to fix it, and never shows a secret.

export const ids = (pattern: RegExp, hint: string) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .superRefine((list, context) => {
      const wrong = list.filter((id) => !pattern.test(id));
      if (wrong.length > 0) context.addIssue(`${wrong.map((id) => JSON.stringify(id)).join(', ')}: ${hint}`);
    });

export const number = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: `must be a number from ${min} to ${max}` })
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(fallback);

export const ownPort = z.coerce
  .number({ error: 'must be a port from 1 to 65535' })
  .refine((port) => Number.isInteger(port) && port > 0 && port < 65_536, 'must be a port from 1 to 65535');

export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

const url = (hint: string) =>
  z
    .url({ protocol: /^https?$/, abort: true, error: `must be an http(s) URL ${hint}` })
    .superRefine((text, context) => {
      const problem = urlProblem(text);
      if (problem !== undefined) context.addIssue(problem);
    })
    .transform((text) => new URL(text).href.replace(/\/+$/, ''));

export const slackUrl = url('ending in /api/')
  .refine((text) => text.endsWith('/api'), 'must end in /api/')
  .transform((text) => `${text}/`);

// Toloka's documents write the version as a part of it.
export const tolokaUrl = url('such as http://127.0.0.1:4010/api').transform((text) =>
  text.replace(/\/+v1$/, ''),
);

export const ipAddress = z.union([z.ipv4(), z.ipv6()], {
  error: 'must be an IP address of this machine, such as 127.0.0.1',
});

/** The values of `.env.example`. */
const EXAMPLE = /^(xox[bp]-|xapp-)?your-[a-z-]+$/;

export const token = (prefix = '', name = '') =>
  z
    .string({ error: 'is missing: install the app and copy the Bot User OAuth Token (xoxb-…)' })
    .superRefine((text, context) => {
      if (EXAMPLE.test(text)) context.addIssue('is the value of .env.example: replace it with your own');
      else if (!text.startsWith(prefix)) context.addIssue(`must be the ${name}, which begins with ${prefix}`);
      else if (/\s/.test(text)) context.addIssue('has white space in it: copy only the token');
      else if (!/^[\w.~+/=-]+$/.test(text))
        context.addIssue('has a character that no token has, such as a quote: copy it again');
    });

export const postgresUrl = z
  .string()
  // For a local socket the host may be left out, which the URL parser does not accept.
  .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace('@/', '@localhost/')), {
    error:
      'must be postgresql://user:password@host:5432/database, with special characters of the password percent-encoded',
  });

export const proxyUrl = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .refine(isProxyUrl, {
    error:
      'must be http://user:password@proxy.example:3128 or without user and password, with special characters of the password percent-encoded',
  });

function isProxyUrl(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text);
    decodeURIComponent(username + password);
    return ['http:', 'https:'].includes(protocol);
  } catch {
    return false;
  }
}

import { z } from 'zod';

// The kinds of settings: how each is read from text, and what is said when it cannot be.

export const SLACK_ID = /^([UWS][A-Z0-9]{2,}|\*)$/;
export const CHANNEL_ID = /^[CGD][A-Z0-9]{2,}$/;

export const list = (pattern: RegExp, hint: string) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .superRefine((ids, context) => {
      const wrong = ids.filter((id) => !pattern.test(id));
      if (wrong.length > 0) context.addIssue(`${wrong.map((id) => JSON.stringify(id)).join(', ')}: ${hint}`);
    });

export const number = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: `must be a number from ${min} to ${max}` })
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(fallback);

export const url = (hint: string) =>
  z
    .url({ protocol: /^https?$/, error: `must be an http(s) URL ${hint}` })
    .transform((text) => text.replace(/\/+$/, ''));

const EXAMPLES = /^(xox[bp]-|xapp-)?your-[a-z-]+$/;

export const notToken = (prefixes: string[], hint: string) => (token: string, context: z.RefinementCtx) => {
  if (prefixes.some((prefix) => token.startsWith(prefix))) context.addIssue(hint);
  if (EXAMPLES.test(token)) context.addIssue('still has the value of .env.example: put your own there');
  if (/\s/.test(token)) context.addIssue('has white space inside: copy it again, whole');
};

export const postgresUrl = z
  .string()
  // The host may be left out for a local socket, which the URL parser does not take.
  .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace('@/', '@localhost/')), {
    error:
      'must be postgresql://user:password@host:5432/database, with special characters of the password percent-encoded',
  });

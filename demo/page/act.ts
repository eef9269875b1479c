/** What the page can be asked to do. Every request is checked against this schema. */
import { z } from 'zod';
import { ENVIRONMENTS } from './accounts';

const id = z.string().min(1).max(300);
const value = z.union([z.string().max(40_000), z.array(z.string().max(300)).max(100), z.null()]);
const field = z.object({ name: id, value });
const user = { user: id };

const ACT = z.discriminatedUnion('act', [
  z.object({ act: z.literal('send'), ...user, channel: id, text: z.string().max(40_000) }),
  z.object({ act: z.literal('join'), ...user, channel: id }),
  z.object({
    ...{ act: z.literal('click'), ...user, action: id, values: z.array(field).max(100).default([]) },
    ...{ message: id.optional(), surface: z.enum(['modal', 'home']).optional(), view: id.optional() },
    ...{ block: id.optional(), option: id.optional() },
  }),
  z.object({ act: z.literal('change'), ...user, view: id, field, enter: z.boolean().default(false) }),
  z.object({ act: z.literal('choose'), ...user, view: id, name: id, value: id, on: z.boolean() }),
  z.object({ act: z.literal('shortcut'), ...user, shortcut: id, channel: id }),
  z.object({ act: z.literal('suggest'), ...user, view: id, name: id, query: z.string().max(300) }),
  z.object({ act: z.literal('submit'), ...user, view: id, values: z.array(field).max(100) }),
  z.object({ act: z.literal('close'), ...user, view: id }),
  z.object({ act: z.literal('home'), ...user, tab: z.enum(['home', 'messages']) }),
  z.object({ act: z.literal('switch'), id, on: z.boolean() }),
  z.object({
    ...{ act: z.literal('status'), kind: z.enum(['training', 'pool']), id },
    environment: z.enum(ENVIRONMENTS),
    status: z.enum(['OPEN', 'CLOSED', 'ARCHIVED', 'LOCKED']),
  }),
  z.object({ act: z.literal('reset') }),
]);

export type Act = z.infer<typeof ACT>;
export type PersonAct = Extract<Act, { user: string }>;
export type Field = z.infer<typeof field>;

export const readAct = (body: unknown): Act | undefined => ACT.safeParse(body).data;

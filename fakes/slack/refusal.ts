/**
 * How a Web API method refuses, and how it reads its arguments.
 *
 * Read in docs.slack.dev/apis/web-api: `ok: false` with HTTP 200 and a short code; `response_metadata.messages` holds
 * `[ERROR] … [json-pointer:/…]` lines for arguments of the wrong shape.
 */
import type { Problem } from './block-kit';
import type { Block, Obj } from './types';

export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly extra: Obj = {},
  ) {
    super(code);
  }
}

/** Ends a method with `ok: false`. */
export function refuse(code: string, extra?: Obj): never {
  throw new Refusal(code, extra);
}

const lines = (problems: readonly Omit<Problem, 'code'>[], root: string): string[] =>
  problems.map(({ at, problem }) => `[ERROR] ${problem} [json-pointer:${root}${at}]`);

export function refuseArguments(problems: readonly Omit<Problem, 'code'>[], root = ''): never {
  return refuse('invalid_arguments', { response_metadata: { messages: lines(problems, root) } });
}

/** Slack gives only one code, so the first problem decides it. The messages list all problems. */
export function refuseMessage(problems: readonly Problem[]): void {
  const [first] = problems;
  if (!first) return;
  const messages = lines(problems, '');
  refuse(first.code, { errors: messages.map((line) => line.slice(8)), response_metadata: { messages } });
}

export function optional(args: Obj, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  return String(value);
}

export function required(args: Obj, name: string): string {
  return (
    optional(args, name) ?? refuseArguments([{ at: `/${name}`, problem: `missing required field: ${name}` }])
  );
}

/** Slack takes a flag as a boolean in JSON and as `true` or `1` in a form. */
export const flag = (args: Obj, name: string): boolean =>
  [true, 'true', 1, '1'].includes(args[name] as string);

/** An argument that is JSON: a string in a form, already an object in a JSON body. */
export function json(args: Obj, name: string, code: string): unknown {
  const value = args[name];
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return refuse(code);
  }
}

export const blocksOf = (args: Obj): Block[] | undefined =>
  json(args, 'blocks', 'invalid_blocks_format') as Block[] | undefined;

/**
 * What Slack may read in mrkdwn, rather too much than too little. Angle brackets are a mention, a date or a link; a word
 * between colons is an emoji, except in code; a sign that is not inside a word can begin bold, italics, a strike or code.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export interface Reading {
  /** What is in angle brackets, before `|`. */
  entities: string[];
  emoji: string[];
  /** Signs with which formatting could begin. */
  marks: string[];
  /** Brackets without their other half, and ampersands that begin no entity. */
  broken: string[];
}

const ENTITY = /<([^<>|\n]*)(?:\|([^<>\n]*))?>/g;
const CODE = /(?<![\p{L}\p{N}\u200B])`[^`\n]+`/gu;

export function readMrkdwn(text: string): Reading {
  const entities = [...text.matchAll(ENTITY)].map(([, target = '']) => target);
  // The words of a link are read by themselves, those of a date only by clients that know no dates.
  const rest = text.replaceAll(ENTITY, (_, target: string, words = '') =>
    target.startsWith('!date^') ? ' ' : ` ${words} `,
  );
  return {
    entities,
    emoji: [...rest.replaceAll(CODE, '').matchAll(/:[\p{L}\p{N}_+'-]+:/gu)].map(([found]) => found),
    marks: rest.match(/(?<![\p{L}\p{N}])[*_~`](?!\u200B)/gu) ?? [],
    broken: rest.match(/[<>]|&(?!(?:amp|lt|gt);)/g) ?? [],
  };
}

export const NOTHING_READ: Reading = { entities: [], emoji: [], marks: [], broken: [] };

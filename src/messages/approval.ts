import type { KnownBlock } from '@slack/types';
import type { ArchiveRequest, Audience } from '../archive/request';
import { planChanges } from './plan';
import { moment, person, plain, section } from './text';

const MENTIONED = 20;

/** Mentions whom it is about, without the person who asked. */
export function audienceText({ everyone, people, groups }: Audience, requester: string): string {
  if (everyone) return 'anybody else who can archive';
  const others = people.filter((id) => id !== requester);
  const mentions = [...groups.map((id) => `<!subteam^${id}>`), ...others.map(person)];
  const left = mentions.length - MENTIONED;
  return [...mentions.slice(0, MENTIONED), ...(left > 0 ? [`${left} more`] : [])].join(', ') || 'nobody yet';
}

/** Who must approve, and who has. */
export function approvalBlocks(requests: readonly ArchiveRequest[]): KnownBlock[] {
  const request = requests.find(({ state }) => state === 'awaiting_approval') ?? requests[0];
  const approval = request?.approval;
  if (!request || !approval) return [];
  const { needed, given, until, audience, changes } = approval;
  const by = given.map(({ user }) => person(user)).join(', ');
  if (request.state !== 'awaiting_approval')
    return by === '' ? [] : [section(`:white_check_mark: Approved by ${by}`)];
  const left = needed - given.length;
  const lead =
    given.length === 0
      ? `*Needs ${count(needed, 'approval')}* from ${audienceText(audience, request.requester)}.`
      : `Approved by ${by}. *Needs ${left} more* from ${audienceText(audience, request.requester)}.`;
  return [
    ...(changes.length === 0 ? [] : planChanges(changes)),
    section(`:raised_hand: ${lead} Open until ${moment(until)}.`),
  ];
}

/** Who declined, and why. */
export function declinedBlocks({ approval }: ArchiveRequest): KnownBlock[] {
  if (!approval?.declined) return [];
  const { user, reason } = approval.declined;
  return [
    section(`Declined by ${person(user)}`),
    { type: 'section', text: plain(`Reason for declining: ${reason}`) },
  ];
}

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

import type { HomeView, KnownBlock } from '@slack/types';
import type { Overview } from '../archive/lists';
import { ACTIONS } from './ids';
import { listSection, pauseLine, requestLine, rightsText } from './lists';
import { context, plain, section } from './text';

const WAITING_SHOWN = 10;

/** The Home tab: what waits for this person, what is open, and what they asked for. */
export function homeView(overview: Overview, environment: string): HomeView {
  const { rights, pause, waiting, open, recent } = overview;
  const isWaiting = new Set(waiting.map(({ id }) => id));
  const others = open.filter(({ id }) => !isWaiting.has(id));
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: plain('Archive Toloka trainings') },
      section(rightsText(rights, environment)),
      ...(pause === null ? [] : [section(pauseLine(pause))]),
      ...(rights.archive && pause === null ? [pickButton()] : []),
      ...waitingBlocks(waiting),
      listSection('Open', others.map(requestLine), 'Nothing is open.'),
      listSection('Your recent requests', recent.map(requestLine), 'You have asked for nothing yet.'),
      context('This page follows what happens while you have it open.'),
    ],
  };
}

const pickButton = (): KnownBlock => ({
  type: 'actions',
  block_id: 'home_actions',
  elements: [
    { type: 'button', action_id: ACTIONS.pick, text: plain('Archive a training'), style: 'primary' },
  ],
});

function waitingBlocks(waiting: Overview['waiting']): KnownBlock[] {
  if (waiting.length === 0) return [];
  const left = waiting.length - WAITING_SHOWN;
  return [
    section('*Waiting for your approval*'),
    ...waiting.slice(0, WAITING_SHOWN).flatMap((request): KnownBlock[] => [
      section(requestLine(request)),
      { type: 'section', text: plain(`Reason: ${request.reason ?? ''}`) },
      {
        type: 'actions',
        block_id: `waiting_${request.id}`,
        elements: [
          {
            type: 'button',
            action_id: ACTIONS.approve,
            value: request.id,
            text: plain('Approve'),
            style: 'primary',
          },
          { type: 'button', action_id: ACTIONS.decline, value: request.id, text: plain('Decline') },
        ],
      },
    ]),
    ...(left > 0 ? [context(`and ${left} more`)] : []),
  ];
}

import type { HomeView, KnownBlock } from '@slack/types';
import type { Overview } from '../archive/lists';
import { isReady } from '../archive/plan';
import type { OnCard } from '../archive/ports';
import type { ArchiveRequest } from '../archive/request';
import { approvalButtons, count } from './approval';
import { ACTIONS } from './ids';
import { listSection, pauseLine, requestLine, rightsText, watchBlocks } from './lists';
import { shortName } from './plan';
import { actions, button, context, idText, plain, section } from './text';

const WAITING_SHOWN = 10;
/** As many trainings of a batch have room in a section, with names of any length. */
const WHOLE = 4;

/** The Home tab: what waits for this person, what is open, and what they asked for. */
export function homeView(overview: Overview, environment: string): HomeView {
  const { rights, pause, waiting, open, recent, watches } = overview;
  const others = open.filter((request) => !waiting.flat().includes(request));
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: plain('Archive Toloka trainings') },
      section(rightsText(rights, environment)),
      ...(pause === null ? [] : [section(pauseLine(pause))]),
      ...(rights.archive && pause === null ? [pickButton()] : []),
      ...waitingBlocks(waiting),
      listSection('In progress', others.map(requestLine), 'No requests in progress.'),
      listSection('Your recent requests', recent.map(requestLine), 'No requests yet.'),
      ...watchBlocks(watches),
      context('This page updates automatically while you have it open.'),
    ],
  };
}

const pickButton = (): KnownBlock =>
  actions(button('Archive trainings', ACTIONS.pick, 'home', { style: 'primary' }));

/** Nobody approves here what only the card shows: more trainings, what changed, and what was not checked. */
const isShownWhole = (requests: OnCard): boolean =>
  requests.length <= WHOLE &&
  requests.every(({ approval, plan }) => !approval?.changes?.length && isReady(plan));

const projectLine = ({ trainingId, plan: { training, projectName } }: ArchiveRequest): string =>
  `Project of ${idText(trainingId)}: ${shortName(projectName, training?.projectId ?? '')}`;

function waitingBlocks(waiting: Overview['waiting']): KnownBlock[] {
  if (waiting.length === 0) return [];
  const left = waiting.length - WAITING_SHOWN;
  return [
    section('*Waiting for your approval*'),
    ...waiting
      .slice(0, WAITING_SHOWN)
      .flatMap((requests): KnownBlock[] => [
        listSection(count(requests.length, 'training'), requests.map(requestLine), ''),
        { type: 'section', text: plain(`Reason: ${requests[0].reason ?? ''}`) },
        ...(isShownWhole(requests)
          ? [context(requests.map(projectLine).join('\n')), ...approvalButtons(requests, { isHome: true })]
          : [context('Open the card to see all of it, and to approve or decline.')]),
      ]),
    ...(left > 0 ? [context(`and ${left} more`)] : []),
  ];
}

import type { TolokaAccount } from '../../fakes/toloka';
import { type Html, html } from './html';

export const ENVIRONMENTS = ['production', 'sandbox'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** A Toloka account that the page shows. */
export interface Shown {
  environment: Environment;
  account: TolokaAccount;
}

/** As the app itself marks environments. */
const SIGNS: Record<Environment, string> = { production: '🏭', sandbox: '🧪' };

export const environmentWords = (environment: Environment): Html =>
  html`<span class="environment"><span aria-hidden="true">${SIGNS[environment]}</span> ${environment}</span>`;

/** The sign alone, where there is no room for the word. */
export const environmentSign = (environment: Environment): Html =>
  html`<span role="img" title="${environment}" aria-label="${environment}">${SIGNS[environment]}</span>`;

import { ENVIRONMENTS, type EnvironmentName, hostKind, type TrainingPath } from '../toloka';

/** One Toloka account that this process may use. */
export interface EnvironmentSettings {
  name: EnvironmentName;
  kind: 'production' | 'sandbox';
  /** Whether people type the training's ID, or the number of trainings, to confirm. */
  requiresTypedId: boolean;
  /** How many other people must approve a request. */
  approvals: number;
  apiUrl: string;
  platformUrl: string;
  trainingPath: TrainingPath;
  token: string;
}

export const ENVIRONMENT_NAMES = Object.keys(ENVIRONMENTS) as [EnvironmentName, ...EnvironmentName[]];

/** The settings of the accounts. */
type Values = {
  TOLOKA_TOKEN?: string | undefined;
  TOLOKA_SANDBOX_TOKEN?: string | undefined;
  TOLOKA_API_URL?: string | undefined;
  TOLOKA_OTHER_API_URL?: string | undefined;
  TOLOKA_TRAINING_PATH?: TrainingPath | undefined;
  CONFIRM_BY_TYPING: 'production' | 'always' | 'never';
  APPROVALS_PRODUCTION: number;
  APPROVALS_SANDBOX: number;
};

export const tokenName = (name: EnvironmentName) =>
  ENVIRONMENTS[name].kind === 'production' ? 'TOLOKA_TOKEN' : 'TOLOKA_SANDBOX_TOKEN';

export const defaultEnvironmentOf = (values: Partial<Record<string, unknown>>): EnvironmentName =>
  ENVIRONMENT_NAMES.find((name) => name === values['TOLOKA_ENVIRONMENT']) ??
  (values['TOLOKA_TOKEN'] === undefined ? 'sandbox' : 'production');

/** The default environment and its counterpart, each if it has a token. */
export function environmentsOf(values: Values): EnvironmentSettings[] {
  const first = defaultEnvironmentOf(values);
  return [first, ENVIRONMENTS[first].counterpart].flatMap((name) => {
    const secret = values[tokenName(name)];
    if (!secret) return [];
    const { kind, platformUrl, ...known } = ENVIRONMENTS[name];
    const apiUrl = (name === first ? values.TOLOKA_API_URL : values.TOLOKA_OTHER_API_URL) ?? known.apiUrl;
    const trainingPath = values.TOLOKA_TRAINING_PATH ?? known.trainingPath;
    // A sandbox at another host may be a production account in disguise.
    const isSandbox = kind === 'sandbox' && ['sandbox', 'loopback'].includes(hostKind(apiUrl));
    const typing = values.CONFIRM_BY_TYPING;
    const requiresTypedId = typing === 'production' ? !isSandbox : typing === 'always';
    const approvals = isSandbox ? values.APPROVALS_SANDBOX : values.APPROVALS_PRODUCTION;
    return [{ name, kind, requiresTypedId, approvals, apiUrl, platformUrl, trainingPath, token: secret }];
  });
}

/** `sandbox` means the sandbox that this app uses, on any host. An exact name means itself. */
export function resolveEnvironment(
  {
    environments,
    defaultEnvironment,
  }: { environments: EnvironmentSettings[]; defaultEnvironment: EnvironmentName },
  word: string | null,
): string {
  if (word === null) return defaultEnvironment;
  const exact = environments.find(({ name }) => name === word);
  return (exact ?? environments.find(({ kind }) => kind === word))?.name ?? word;
}

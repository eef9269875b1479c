export { createTolokaAccount } from './account';
export type { OnExchange } from './call';
export { ENVIRONMENTS, type EnvironmentName, hostKind, type TrainingPath, urlProblem } from './environments';
export { TOLOKA_ERROR_KINDS, TolokaError } from './errors';
export { clockAhead } from './limits';

export { createTolokaAccount } from './account';
export { ENVIRONMENTS, type EnvironmentName, hostKind, type TrainingPath, urlProblem } from './environments';
export { TolokaError } from './errors';
export { clockAhead } from './limits';

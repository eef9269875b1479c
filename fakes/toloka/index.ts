export { aboutOf, type LinkedPool, linkedPools, notArchived } from './about';
export { createTolokaAccount } from './account';
export { type Called, createCaller } from './caller';
export type { Exchange, Posts } from './exchanges';
export type { Fault, FaultEntry, FaultRule, Faults } from './faults';
export { createManualClock, type ManualClock } from './manual-clock';
export type { TolokaAccount, TolokaAccountData, TolokaAccountOptions } from './options';
export { DEMO_PROJECTS, DEMO_TRAININGS, requires, seedDemo } from './seed-demo';
export type { Change } from './store';
export type {
  ArchiveOutcome,
  PoolInput,
  ProjectInput,
  QualityControl,
  Status,
  TrainingInput,
  Wire,
} from './types';

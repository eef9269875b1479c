import type { Exchange, Posts } from './exchanges';
import type { Faults } from './faults';
import type { Spelling } from './routes';
import type { Change } from './store';
import type {
  ArchiveOutcome,
  PoolInput,
  PoolRow,
  ProjectInput,
  ProjectRow,
  TrainingInput,
  TrainingRow,
  Wire,
} from './types';

export interface TolokaAccountOptions {
  /** @default 0, any free port */
  port?: number;
  token: string;
  /** The account's clock, which decides the progress of operations. @default Date.now */
  now?: () => number;
  /** For ids and for the probability of faults. @default Math.random */
  random?: () => number;
  /** How long an archive takes, unless its training says otherwise. @default 3000 */
  operationMs?: number;
  /** Which paths of the archive call work. No source says that the singular does. @default 'trainings' */
  acceptedSpelling?: Spelling;
  /** The status for another account's training. No source says which one it is. @default 403 */
  foreignStatus?: 403 | 404;
  /** Whether a conflict is refused at once, or accepted and fails. No source says which. @default 'refusal' */
  conflictsAs?: 'refusal' | 'operation';
  /** How `id_gt` and `sort=id` compare. No source says which. @default 'numeric' */
  idOrder?: 'numeric' | 'lexicographic';
  /** Digits of the fraction of a second in dates: 0, 3, 5 and 6 have been seen. @default 3 */
  fractionDigits?: number;
  /** Requests a second before 429; `false` for none, as benchmarks want. @default 300 */
  rateLimit?: number | false;
  /** The clock of the rate limit. Real time, because a stopped clock would refuse for ever. @default performance.now */
  rateNow?: () => number;
  /** About how many exchanges to remember. @default 20000 */
  exchangeLimit?: number;
  /** Fills the account, at the start and after each `reset`. */
  seed?: (account: TolokaAccountData) => void;
}

export interface TolokaAccount {
  /** The base of the API, for example `http://127.0.0.1:4010/api`. */
  readonly url: string;
  readonly port: number;
  /**
   * The base with a name in it that is kept with each exchange, to tell several processes of the app apart.
   * Toloka has no such thing.
   */
  urlFor(name: string): string;
  now(): number;

  addProject(input: ProjectInput): Wire;
  addTraining(input: TrainingInput): Wire;
  addPool(input: PoolInput): Wire;
  updateProject(id: string, patch: Partial<Omit<ProjectRow, 'id'>>): Wire;
  updateTraining(id: string, patch: Partial<Omit<TrainingRow, 'id'>>): Wire;
  updatePool(id: string, patch: Partial<Omit<PoolRow, 'id'>>): Wire;
  /** As GET would show it now; another account's training too. */
  getProject(id: string): Wire | undefined;
  getTraining(id: string): Wire | undefined;
  getPool(id: string): Wire | undefined;
  getOperation(id: string): Wire | undefined;
  operations(): Wire[];
  /** Every training and every pool by ID, other accounts' too, for a page that shows everything. */
  trainings(): Wire[];
  pools(): Wire[];
  /** Ends an operation now, even one that would never end. */
  finishOperation(id: string, outcome?: ArchiveOutcome): Wire;
  /** Ends what is due. Every request and every read above does this too; a live view may need it without one. */
  settle(): void;

  readonly exchanges: readonly Exchange[];
  posts(trainingId: string): Posts;
  readonly faults: Faults;
  /** Closes every connection and refuses new ones until `down(false)`, which uses the same port again. */
  down(isDown: boolean): Promise<void>;

  /**
   * Calls back until the returned function is called. `arrival` comes before anything is done about a request,
   * `exchange` when it is over, one way or another.
   */
  on(event: 'arrival' | 'exchange', listener: (exchange: Exchange) => void): () => void;
  on(event: 'change', listener: (change: Change) => void): () => void;
  /** Back to the seed: rows, operations, faults, log and counts. Drops requests that still wait. */
  reset(): void;
  close(): Promise<void>;
}

/** The part of the account that a seed may use. */
export type TolokaAccountData = Pick<
  TolokaAccount,
  'addProject' | 'addTraining' | 'addPool' | 'updateProject' | 'updateTraining' | 'updatePool' | 'now'
>;

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
  /** The account's clock, which decides how far operations are. @default Date.now */
  now?: () => number;
  /** For ids and for the probability of faults. @default Math.random */
  random?: () => number;
  /** How long an archive takes, unless its training says otherwise. @default 3000 */
  operationMs?: number;
  /** How the path of an archive may be spelt. No source says that the singular works. @default 'trainings' */
  acceptedSpelling?: Spelling;
  /** What a foreign training is answered with; nobody knows (fact sheet 10.5). @default 403 */
  foreignStatus?: 403 | 404;
  /** Whether an archive that may not be is refused, or accepted and fails (fact sheet 10.2). @default 'refusal' */
  conflictsAs?: 'refusal' | 'operation';
  /** How `id_gt` and `sort=id` compare (fact sheet 10.8). @default 'numeric' */
  idOrder?: 'numeric' | 'lexicographic';
  /** Digits of a second in dates: 0, 3, 5 and 6 have been seen. @default 3 */
  fractionDigits?: number;
  /** Requests a second before 429; `false` for none, as benchmarks want. @default 300 */
  rateLimit?: number | false;
  /** Real time and not `now`, or a stopped clock would refuse for ever. @default performance.now */
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
   * The base with a name in it that is kept with each exchange, so that several processes of the app can be told
   * apart. Not Toloka's.
   */
  urlFor(name: string): string;
  now(): number;

  addProject(input: ProjectInput): Wire;
  addTraining(input: TrainingInput): Wire;
  addPool(input: PoolInput): Wire;
  updateProject(id: string, patch: Partial<Omit<ProjectRow, 'id'>>): Wire;
  updateTraining(id: string, patch: Partial<Omit<TrainingRow, 'id'>>): Wire;
  updatePool(id: string, patch: Partial<Omit<PoolRow, 'id'>>): Wire;
  /** As GET would show it by now; a foreign training too. */
  getProject(id: string): Wire | undefined;
  getTraining(id: string): Wire | undefined;
  getPool(id: string): Wire | undefined;
  getOperation(id: string): Wire | undefined;
  operations(): Wire[];
  /** Every training and every pool, other accounts' too, by id: for a page that shows the whole account. */
  trainings(): Wire[];
  pools(): Wire[];
  /** Ends an operation now, even one that would never end. */
  finishOperation(id: string, outcome?: ArchiveOutcome): Wire;
  /** Ends what is due. Every request and every read above does it too; a live view may want to without one. */
  settle(): void;

  readonly exchanges: readonly Exchange[];
  posts(trainingId: string): Posts;
  readonly faults: Faults;
  /** Refuses every connection, those that are open too, until `down(false)`, which comes back on the same port. */
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

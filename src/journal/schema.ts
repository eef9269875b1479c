import type { ColumnType } from 'kysely';
import type { EventKind, RequestState } from '../archive/request';

/** Epoch milliseconds UTC. A 64-bit column: some drivers read it as text, so it goes through `rows.ts`. */
type Millis = ColumnType<number | string, number, number>;
type NullableMillis = ColumnType<number | string | null, number | null, number | null>;

/** One row a request. `plan` is JSON. `due_at` is the earlier of `step_at` and `publish_at`. */
export interface RequestTable {
  id: string;
  version: number;
  state: RequestState;
  environment: string;
  training_id: string;
  requester: string;
  channel: string;
  reason: string | null;
  plan: string;
  retry_of: string | null;
  operation_id: string | null;
  progress: number | null;
  outcome_code: string | null;
  outcome_message: string | null;
  card_channel: string | null;
  card_ts: string | null;
  thread_seq: number;
  created_at: Millis;
  confirmed_at: NullableMillis;
  submitted_at: NullableMillis;
  finished_at: NullableMillis;
  lease_token: string | null;
  lease_until: NullableMillis;
  step_at: NullableMillis;
  publish_at: NullableMillis;
  step_tries: number;
  publish_tries: number;
  due_at: NullableMillis;
  /** The hash of the last event. */
  head: string;
}

/** One row a transition, never changed. `detail` is JSON. @see chain.ts for the last three columns */
export interface EventTable {
  request_id: string;
  seq: number;
  at: Millis;
  kind: EventKind;
  from_state: RequestState | null;
  to_state: RequestState;
  actor: string;
  detail: string;
  plan_fingerprint: string;
  facts: string;
  hash: string;
}

/** One row a refusal, never changed. */
export interface RefusalTable {
  id: string;
  at: Millis;
  code: string;
  message: string;
  user_id: string;
  channel: string;
  environment: string | null;
  training_id: string | null;
  request_id: string | null;
}

export interface Tables {
  requests: RequestTable;
  events: EventTable;
  refusals: RefusalTable;
  schema_version: { version: number };
  watches: { environment: string; holder: string; until: Millis };
}

/**
 * A fake Slack workspace on loopback, for the demo, the end-to-end tests, the fault runs and the benchmarks. It speaks
 * Slack's protocols to the unchanged app and shares no code with it, so an error in one is not repeated in the other.
 */
export { type ActResult, NOTHING_FOUND, type SuggestResult } from './acts';
export { checkMessage, checkView } from './block-kit';
export { type Choice, choicesFor, type Visible } from './choices';
export type { DeliverOptions } from './delivery';
export type { Ack, Sent, Signature } from './envelope';
export type { Fault, FaultKind, FaultSpec, Faults } from './faults';
export type { Snapshot, WaitOptions } from './observe';
export type { WorkspaceOptions } from './options';
export { DEFAULT_SCOPES } from './options';
export type { ClickOptions, Person } from './person';
export type { RateLimits } from './rate-limits';
export { renderText } from './render';
export type { Connection, DisconnectReason, SocketControl } from './socket-control';
export { type SubmitResult, TROUBLE } from './submission';
export type { CallRecord, Change, Ephemeral, MessageInThread, OpenView, StoredMessage } from './types';
export { createWorkspace, type Workspace } from './workspace';

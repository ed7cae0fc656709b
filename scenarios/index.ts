/**
 * Scenarios as a library: write them, run them, replay captures and fuzz parsers from code.
 *
 * The command line (`cli/`) is built on the same calls.
 */
export { scenario } from './api.ts';
export type { AnyScenario, Feature, Scenario, Stage, TargetName } from './api.ts';
export { QUERY_RULES, THROWING_INFORMATION_TYPE } from './attach/client-subject.ts';
export type { ClientEvent, ClientOptions, ClientSubject } from './attach/client-subject.ts';
export type { NetControl } from './attach/net-control.ts';
export type { RawClient, RawConnection, RawServer } from './attach/raw-peer.ts';
export type { ServerEvent, ServerOptions, ServerSubject } from './attach/server-subject.ts';
export { OutsidePool } from './attach/outside-pool.ts';
export type { OutsideHost, OutsideProgram } from './attach/outside-program.ts';
export { OutsideRunner } from './attach/outside-runner.ts';
export { openTarget } from './attach/targets.ts';
export { executeCase } from './runner/execute.ts';
export type { CaseResult, ExecuteOptions } from './runner/execute.ts';
export { loadScenarios } from './runner/plan.ts';
export { runSuites } from './runner/run.ts';
export type { RunOptions } from './runner/run.ts';
export { fuzz } from './fuzz/fuzz.ts';
export type { FuzzOptions, FuzzResult } from './fuzz/fuzz.ts';
export { replayFile } from './replay/replay.ts';
export type { ReplayReport } from './replay/report-model.ts';

/**
 * Reports as pure functions of a run's event log: read it, add it up, write it in six ways. No file, clock or network here.
 */
export { renderBadge, type Badge } from './badge.ts';
export { MARKS, type ClauseMark, type Mark } from './clause-marks.ts';
export { renderCampaignHtml } from './campaign-html.ts';
export { renderIssue } from './campaign-issue.ts';
export type { CampaignFailure, CampaignReport } from './campaign-model.ts';
export { headline, renderCampaign, renderCampaignMarkdown } from './campaign-text.ts';
export { renderConsole, type ConsoleOptions } from './console.ts';
export { renderHtml } from './html.ts';
export { renderJunit } from './junit.ts';
export { honestStatus, isOwed, OUTCOMES, STATUSES, statusOf, type Judged } from './law.ts';
export { renderMarkdown } from './markdown.ts';
export type {
  CaseStart,
  CaseVerdict,
  ClauseLevel,
  ClauseRow,
  Expectation,
  Failure,
  Outcome,
  PlannedCase,
  RunEvent,
  RunFooter,
  RunHeader,
  RunLog,
  Status,
  Step,
} from './model.ts';
export { readLog } from './read-log.ts';
export { TRACE_LEGEND, renderTrace } from './trace-text.ts';
export { renderView, type ViewAbout, type ViewRun } from './view.ts';
export { summarize, type AreaCounts, type Judgement, type LevelCounts, type Summary, type Verdict } from './summary.ts';

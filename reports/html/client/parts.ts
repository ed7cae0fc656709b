/**
 * The list of functions that go into the page.
 */
import { areaChart, barChart, legend, slowestChart } from './charts.ts';
import {
  caseEvidence,
  caseFacts,
  caseFailure,
  caseTabs,
  caseView,
  clauseQuote,
  drawnSteps,
  stepsTable,
} from './case-view.ts';
import { append, copyButton, h, icon, markIcon, richText, statusCell, svg } from './dom.ts';
import { drawFigure, drawHeatMap, drawLines, figureSection, plotTable } from './figures.ts';
import { chip, filterBar, filterFrom, levelsOf, matchesCase, matchesClause } from './filters.ts';
import { micros, millis, words } from './format.ts';
import { areaRow, caseRow, clauseRow, clauseRows, isOpen, matrixTable, matrixView, toggle } from './matrix.ts';
import { attention, finding, overview } from './overview.ts';
import { hashOf, link, parseHash, replaceQuery } from './route.ts';
import { drawArrow, drawBand, drawLanes, drawNote, drawSequence, lanesOf, roomBeside, rowsOf } from './sequence.ts';
import { chapterList, clauseEntry, specView } from './spec-view.ts';
import { show, start } from './start.ts';

export const parts = {
  append,
  areaChart,
  areaRow,
  attention,
  barChart,
  caseEvidence,
  caseFacts,
  caseFailure,
  caseRow,
  caseTabs,
  caseView,
  chapterList,
  chip,
  clauseEntry,
  clauseQuote,
  clauseRow,
  clauseRows,
  copyButton,
  drawArrow,
  drawBand,
  drawFigure,
  drawHeatMap,
  drawLines,
  drawLanes,
  drawNote,
  drawSequence,
  drawnSteps,
  figureSection,
  filterBar,
  filterFrom,
  finding,
  h,
  hashOf,
  icon,
  isOpen,
  lanesOf,
  legend,
  levelsOf,
  link,
  markIcon,
  matchesCase,
  matchesClause,
  matrixTable,
  matrixView,
  micros,
  millis,
  overview,
  parseHash,
  plotTable,
  replaceQuery,
  richText,
  roomBeside,
  rowsOf,
  show,
  slowestChart,
  specView,
  start,
  statusCell,
  stepsTable,
  svg,
  toggle,
  words,
} as const;

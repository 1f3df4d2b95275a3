/** Ports of drivers: definitions, the matrix over backends, what a port needs of its mappings. */
export { auditPort, countSites } from '../ports/audit.ts';
export type { Fit, PortAudit, SiteCount, SiteVerdict, Step } from '../ports/audit.ts';
export { exploreBeside } from '../ports/beside/explore-beside.ts';
export type { BesideCell, BesideOptions, BesideOutcome } from '../ports/beside/explore-beside.ts';
export { kindFor } from '../ports/beside/pool-size.ts';
export type { PoolSizes } from '../ports/beside/pool-size.ts';
export { COLUMNS } from '../ports/column.ts';
export type { Bind, Column } from '../ports/column.ts';
export { describeOutcome } from '../ports/cell.ts';
export type { Cell, CellOf, CellOutcome, RunTrace } from '../ports/cell.ts';
export { CONFIGURATIONS, defineMatrix, rowsOf, runRow } from '../ports/define-matrix.ts';
export type { ConfiguredCell, Matrix, MatrixSpec, RowOf } from '../ports/define-matrix.ts';
export type { Conflict, Expectation } from '../ports/expectation.ts';
export type { Needs, UserTouch } from '../ports/needs.ts';
export type { Reliance } from '../ports/reliance.ts';
export { observe } from '../ports/observe.ts';
export type { Observed } from '../ports/observe.ts';
export { definePort, isPort } from '../ports/port.ts';
export type {
  Backed,
  LoadedPort,
  Moved,
  Port,
  PortInput,
  PortInterrupt,
  PortInterruptEnv,
  PortProgram,
  PortSetup,
  PortSpec,
  PortTask,
  PortTaskEnv,
  PortVariant,
  VariantFacts,
} from '../ports/port.ts';
export { runProgram } from '../ports/run-program.ts';
export { WrongBytesError, allBytes, sameBytes } from '../ports/same-bytes.ts';
export { takePages } from '../ports/take-pages.ts';
export { auditHtml } from '../ports/report/audit-html.ts';
export { auditAt, auditLines, auditSummary } from '../ports/report/audit-text.ts';
export { besideRecordOf } from '../ports/report/beside-record.ts';
export type { BesideRecord, BesideRecordOptions } from '../ports/report/beside-record.ts';
export {
  BESIDE_LEGEND,
  besideFindings,
  besideReasons,
  besideSummary,
  besideTable,
  explainBeside,
} from '../ports/report/beside-table.ts';
export { costTables } from '../ports/report/costs.ts';
export { divergenceLines, divergencesOf } from '../ports/report/divergence.ts';
export type { Divergence } from '../ports/report/divergence.ts';
export { recordOf } from '../ports/report/record.ts';
export type { CellRecord, Place } from '../ports/report/record.ts';
export {
  LEGEND,
  conversionLines,
  portTable,
  reasonLines,
  rowTable,
  summaryLine,
} from '../ports/report/table.ts';
export { PLAIN } from '../ports/report/text.ts';
export type { Paint } from '../ports/report/text.ts';
export { explainCell } from '../ports/report/why.ts';

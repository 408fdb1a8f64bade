export { type Exported, type ExportInit, exportExplorer } from './export.ts'

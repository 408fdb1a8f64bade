import type { KitReport, PartReport, Row } from './report.ts'

/** Most lines of one part; the rest stands in report.json. */
const MOST_LINES = 60
const LONGEST_CELL = 400

/** Whoever reads the report writes it there. */
const TO_EXPLAIN = '**to be explained**'
const MARKS = { pass: 'pass', fail: 'FAIL', 'left out': 'left out', cut: 'CUT' } as const

/** The report for people, as Markdown. */
export function toMarkdown(report: KitReport): string {
  const { kit, gpu, parts } = report
  return [
    `# The GPU path on ${gpu ?? 'a machine without a GPU that could be used'}`,
    '',
    verdict(report),
    '',
    `Kit of ${kit.madeAt} (commit ${kit.commit}, sandbox ${kit.sandbox}, nvcc ${kit.nvcc}, ${kit.compiler}, ${kit.archs.join(' ')}),`,
    `${kit.cases} programs with ${kit.tests} tests. Begun ${report.startedAt}, ${report.seconds.toFixed(0)} s.`,
    '',
    '| part | outcome | seconds | why |',
    '|---|---|---|---|',
    ...parts.map(({ title, outcome, seconds, why }) => `| ${title} | ${MARKS[outcome]} | ${seconds.toFixed(1)} | ${cell(why)} |`),
    ...parts.flatMap(section),
    '',
  ].join('\n')
}

function verdict({ finished, ok, gpu, parts, kit }: KitReport): string {
  if (kit.standIn) return `**A stand-in played CUDA's runtime: kernels did nothing, and no result below means anything.**`
  const count = (outcome: PartReport['outcome']) => parts.filter((part) => part.outcome === outcome).length
  const counts = `${count('pass')} parts pass, ${count('fail')} fail, ${count('left out')} left out, ${count('cut')} cut.`
  if (!finished) return `**Not finished: this is how far it came.** ${counts}`
  if (gpu === null) return `**There is no GPU here that could be used: nothing of the GPU path was run.** ${counts}`
  return `**${ok ? 'All that was run came out as it must.' : 'Something did not come out as it must.'}** ${counts}`
}

function section(part: PartReport): string[] {
  const figures = Object.entries(part.figures)
  if (figures.length === 0 && part.rows.length === 0) return []
  return [
    '',
    `## ${part.title}`,
    '',
    ...(part.why === '' ? [] : [`${MARKS[part.outcome]}: ${cell(part.why)}`, '']),
    ...(figures.length === 0
      ? []
      : ['| | |', '|---|---|', ...figures.map(([name, value]) => `| ${name} | ${cell(shown(value))} |`)]),
    ...(part.rows.length === 0 ? [] : ['', ...rows(part)]),
  ]
}

/** What is not a pass comes first. */
function rows({ rows, moreRows }: PartReport): string[] {
  const sorted = [...rows.filter(({ outcome }) => outcome !== 'pass'), ...rows.filter(({ outcome }) => outcome === 'pass')]
  const hidden = sorted.length - MOST_LINES + moreRows
  const explains = rows.some(({ why }) => why !== undefined)
  const line = ({ name, outcome, detail, why }: Row) =>
    `| ${cell(name)} | ${MARKS[outcome]} | ${cell(detail)} |${explains ? ` ${why === '' ? TO_EXPLAIN : cell(why ?? '')} |` : ''}`
  return [
    `| what | outcome | seen |${explains ? ' why |' : ''}`,
    `|---|---|---|${explains ? '---|' : ''}`,
    ...sorted.slice(0, MOST_LINES).map(line),
    ...(hidden > 0 ? ['', `And ${hidden} more; report.json has them.`] : []),
  ]
}

function shown(value: PartReport['figures'][string]): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
  return value === null ? 'not known' : String(value)
}

/** Text of programs stands in a table: no bars, no lines, no markup. */
function cell(text: string): string {
  const one = text
    .replace(/[\r\n]+/g, ' ⏎ ')
    .replace(/[^\x20-\x7e⏎’]/g, '?')
    .replace(/[|<>`*_[\]]/g, '\\$&')
  return one.length <= LONGEST_CELL ? one : `${one.slice(0, LONGEST_CELL)}...`
}

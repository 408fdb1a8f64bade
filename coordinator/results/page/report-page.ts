import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Report } from '../report.ts'
import type { ProblemScores } from '../scores/scores.ts'

/** The library that draws, then ours, each using what came before. */
const SCRIPTS = ['uplot/dist/uPlot.iife.min.js', './pieces.js', './charts.js', './problems.js', './page.js']
const STYLES = ['uplot/dist/uPlot.min.css', '../../explorer/palette.css', './page.css']

/** Cases in which the rules differ that the page lists; `report.json` has more. */
const SHOWN_CASES = 200

/**
 * `report.html`: the report and the scores as one page, with charts drawn by uPlot, that stands alone: everything is in it,
 * and a policy of its own forbids it to ask anything of anybody, or to run any script but those that it came with. What
 * researchers wrote is data in it: its script puts it on the page as text, and as nothing else.
 * @param problems the ones shown one by one
 */
export async function* reportPage(report: Report, problems: readonly ProblemScores[]): AsyncGenerator<string> {
  const scripts = await Promise.all(SCRIPTS.map(read))
  const style = (await Promise.all(STYLES.map(read))).join('\n')
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(sourceOf).join(' ')}`,
    `style-src ${sourceOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>Round report</title>
<style>${style}</style>
</head>
<body>
<main id="page"><noscript>The figures of this page stand in report.json and scores.json beside it; to show them here takes JavaScript.</noscript></main>
<script type="application/json" id="data">`
  yield embedded({ report: briefly(report), problems })
  yield `</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`
}

async function read(name: string): Promise<string> {
  return await readFile(fileURLToPath(import.meta.resolve(name)), 'utf8')
}

/** A script or style as the page's policy names it. */
function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** JSON that no text in it can end, or turn into markup. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

/** What the page shows of the report. */
function briefly({ round, cases, judgements, rules, translationsCompiled, work, scores, times, progress, notes, flags }: Report) {
  const { name, id, state, partial, spec } = round
  return {
    round: { name, id, state, partial, rule: spec.rule, executor: spec.executor },
    ...{ cases, judgements, translationsCompiled, work, scores, times, progress, notes },
    flags: flags.counts,
    rules: {
      ...rules,
      cases: rules.cases.slice(0, SHOWN_CASES),
      notListed: rules.notListed + Math.max(0, rules.cases.length - SHOWN_CASES),
    },
  }
}

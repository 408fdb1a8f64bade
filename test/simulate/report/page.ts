import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Result } from '../simulate.ts'
import { table } from './table.ts'

/** A page that stands alone: the table, and plots drawn by uPlot, which is in the page with its data. */
export async function page(results: readonly Result[], says: string): Promise<string> {
  const [library, style, plots] = await Promise.all(
    ['uplot/dist/uPlot.iife.min.js', 'uplot/dist/uPlot.min.css', './plots.js'].map(
      async (name) => await readFile(fileURLToPath(import.meta.resolve(name)), 'utf8'),
    ),
  )
  const data = results.map(({ scenario, figures, progress }) => ({
    ...figures,
    progress: scenario.disturbance === null ? [] : progress,
  }))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Simulated swarms</title>
<style>${style}
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; }
pre { overflow-x: auto; }
</style>
<h1>Simulated swarms</h1>
<p>${escaped(says)}</p>
<pre>${escaped(table(results, { colour: false }))}</pre>
<div id="plots"></div>
<script>${library}</script>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script type="module">${plots}</script>
</html>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

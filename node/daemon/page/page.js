/** The page of one's own node. All that is shown is put in as text: programs and labels are strangers' words. */
const EVERY_MS = 2_000
const byId = (id) => document.getElementById(id)
/** From the address that `kernelswarm node page` prints; what stands after # is sent to nobody. */
const token = location.hash.slice(1)
if (token !== '') {
  byId('acts').hidden = false
  byId('looking').hidden = true
  history.replaceState(null, '', location.pathname)
}

async function ask(path, order) {
  const response = await fetch(`/api/${path}`, {
    method: order === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...(order === undefined ? {} : { 'content-type': 'application/json' }) },
    body: order === undefined ? undefined : JSON.stringify(order),
  })
  const said = await response.json()
  if (!response.ok) throw new Error(said.message)
  return said
}

function element(name, text, marks = {}) {
  const made = document.createElement(name)
  made.textContent = text
  return Object.assign(made, marks)
}

const time = (at) => (at === null ? '' : new Date(at).toLocaleString())
const short = (name) => (name.length > 16 ? `…${name.slice(-8)}` : name)

function table(id, heads, rows, nothing) {
  if (rows.length === 0) {
    byId(id).replaceChildren(element('caption', nothing))
    return
  }
  const line = (cells, name) => {
    const row = document.createElement('tr')
    row.append(...cells.map((cell) => (cell instanceof Node ? wrapped(cell) : element(name, cell ?? ''))))
    return row
  }
  byId(id).replaceChildren(line(heads, 'th'), ...rows.map((cells) => line(cells, 'td')))
}

function wrapped(node) {
  const cell = document.createElement('td')
  cell.append(node)
  return cell
}

function list(id, pairs) {
  byId(id).replaceChildren(...pairs.flatMap(([name, value]) => [element('dt', name), element('dd', String(value ?? ''))]))
}

function standing(one) {
  if (one.state === 'connected') return `connected since ${time(one.since)}`
  const why = one.trouble === null ? '' : `: ${one.trouble.message}`
  return `${one.state}${why}${one.retryAt === null ? '' : `, again at ${time(one.retryAt)}`}`
}

function showStatus(status) {
  byId('says').textContent = status.says
  byId('until').textContent = status.until === null ? '' : `Until ${time(status.until)}.`
  byId('notes').replaceChildren(...status.notes.map((note) => element('li', note)))
  table(
    'running',
    ['since', 'on', 'what', 'of the round', 'program'],
    status.running.map((run) => [
      time(run.since),
      run.on,
      `${run.executor}, ${run.pass}`,
      run.labels.join(', '),
      short(run.program),
    ]),
    'nothing',
  )
  table(
    'coordinators',
    ['coordinator', 'how it stands', 'share', 'standing', 'verdicts', 'tests agreed', 'tests disagreed'],
    status.coordinators.map((one) => {
      const { standing: word, verdicts, agreed, disagreed } = one.reputation ?? {}
      return [
        short(one.coordinator),
        standing(one),
        String(one.share),
        word ?? '',
        ...[verdicts, agreed, disagreed].map((n) => String(n ?? '')),
      ]
    }),
    'none',
  )
  list('tally', Object.entries(status.tally ?? {}))
  table(
    'gpus',
    ['GPU', '°C', 'W', 'fan %', 'may run'],
    status.gpus.map((gpu) => [
      gpu.name,
      ...[gpu.temperatureCelsius, gpu.powerWatts, gpu.fanPercent].map((n) => String(n ?? '')),
      gpu.may.may ? 'yes' : gpu.may.why,
    ]),
    'none that can be asked',
  )
  table(
    'rejected',
    ['when', 'why', 'program', 'run'],
    status.rejected.map((one) => [time(one.at), one.why, short(one.program), runLink(one.nonce)]),
    'none',
  )
}

function showRuns(runs) {
  table(
    'runs',
    ['started', 'what', 'of the round', 'ended', 'what became of it', 'run'],
    runs.map((run) => [
      time(run.startedAt),
      `${run.task.executor}, ${run.task.pass}`,
      run.origins.map(({ label }) => label).join(', '),
      run.end ?? 'runs',
      run.outcome ?? run.answer ?? run.reason ?? '',
      runLink(run.nonce),
    ]),
    'nothing yet',
  )
}

function runLink(nonce) {
  return element('button', nonce.slice(0, 8), { type: 'button', onclick: () => void guarded(() => showDetail(nonce)) })
}

async function showDetail(nonce) {
  const { run, program } = await ask(`runs/${nonce}`)
  byId('detail').hidden = false
  list('facts', [
    ['run', run.nonce],
    ['coordinator', run.coordinator],
    ['task', run.taskId],
    ['limits', JSON.stringify(run.task.limits)],
    ['started', time(run.startedAt)],
    ['ended', `${time(run.endedAt)} ${run.end ?? ''} ${run.detail}`],
    ['compiled in', run.compileMs === null ? '' : `${Math.round(run.compileMs)} ms`],
    ...run.tests.map((test, at) => [`test ${at + 1}`, `${test.status}, ${test.wallMs} ms ${test.detail}\n${test.output}`]),
  ])
  const source =
    program === null ? 'its source is not kept any more' : [program.code, program.wrapper, ...program.tests].join('\n\n')
  byId('source').textContent = source
  byId('detail').scrollIntoView()
}

async function guarded(act) {
  try {
    await act()
    byId('trouble').textContent = ''
  } catch (error) {
    byId('trouble').textContent = `The node does not answer, or does not want to: ${error.message}`
  }
}

for (const button of document.querySelectorAll('[data-act]')) {
  button.addEventListener('click', () => {
    const { act, minutes } = button.dataset
    void guarded(async () => showStatus(await ask(act, minutes === undefined ? {} : { minutes: Number(minutes) })))
  })
}

const look = () =>
  guarded(async () => {
    showStatus(await ask('status'))
    showRuns(await ask('runs?limit=30'))
  })
await look()
setInterval(() => {
  if (!document.hidden) void look()
}, EVERY_MS)

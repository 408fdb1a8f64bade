import { readdir, readFile } from 'node:fs/promises'

interface Process {
  pid: number
  parent: number
  /** How many process namespaces deep, 1 outside of any jail. */
  depth: number
  name: string
  zombie: boolean
}

/** All processes of the machine, by number. One that ends while it is looked at is left out. */
async function all(): Promise<Map<number, Process>> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const found = await Promise.all(
    pids.map(async (pid): Promise<[number, Process][]> => {
      const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? ''
      if (text === '') return []
      const depth = field('NSpid').split(/\s+/).length
      const row = { pid: Number(pid), parent: Number(field('PPid')), depth, name: field('Name') }
      return [[row.pid, { ...row, zombie: field('State').startsWith('Z') }]]
    }),
  )
  return new Map(found.flat())
}

/** Numbers of processes that gave themselves this name. */
export async function namedProcesses(name: string): Promise<number[]> {
  return [...(await all()).values()].filter((row) => row.name === name && !row.zombie).map(({ pid }) => pid)
}

/**
 * Processes that a process has started, by whatever way, and those in a jail whose jail has lost the process it hangs
 * on. Jails of other processes hang on these, and are not counted; nor is what has ended and waits for the machine's first
 * process to take note.
 */
export async function leftBehind(ancestor: number): Promise<number[]> {
  const table = await all()
  const own = ([first, ...above]: Process[]) =>
    above.some(({ pid }) => pid === ancestor) ||
    ((first?.depth ?? 1) > 1 && hangsOnNothing([...(first ? [first] : []), ...above]))
  return [...table.values()].filter((row) => !row.zombie && own(chain(row, table))).map(({ pid }) => pid)
}

/** The process, its parent, and so on. */
function chain(row: Process, table: ReadonlyMap<number, Process>): Process[] {
  const rows: Process[] = []
  for (let at: Process | undefined = row; at !== undefined && rows.length < 1000; at = table.get(at.parent)) rows.push(at)
  return rows
}

/** Whether the first process outside of the jail is the machine's own first. */
function hangsOnNothing(rows: readonly Process[]): boolean {
  const outside = rows.find(({ depth }) => depth === 1)
  return outside === undefined || outside.pid === 1
}

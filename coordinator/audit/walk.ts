import { AuditFailure } from './failure.ts'
import { type CaseRecord, LISTS, type Manifest, type TaskRecord } from './records.ts'

/** What of an archive it takes to walk through it. */
interface Walkable {
  readonly root: string
  readonly size: { blocks: number }
  rootBlock(): Promise<{ manifest: string }>
  manifest(): Promise<Manifest>
  records(name: 'cases', manifest: Manifest): AsyncIterable<CaseRecord>
  records(name: 'tasks', manifest: Manifest): AsyncIterable<TaskRecord>
  numberOf(cid: string): number | undefined
}

/** That a block is named somewhere, and what it is there. */
export interface Mention {
  cid: string
  what: string
}

/** Everything that the archive names, in the order of the format: the root, what that leads to, then content. */
export async function* mentions(archive: Walkable): AsyncGenerator<Mention> {
  yield { cid: archive.root, what: 'the root' }
  yield { cid: (await archive.rootBlock()).manifest, what: 'the manifest' }
  const manifest = await archive.manifest()
  for (const name of LISTS) {
    for (const [at, cid] of manifest[name].entries()) yield { cid, what: `list ${at + 1} of ${name}` }
  }
  for await (const { line, programs } of archive.records('cases', manifest)) {
    yield { cid: programs.cpp, what: `the program of the C++ side of case line ${line}` }
    yield { cid: programs.cuda, what: `the program of the CUDA side of case line ${line}` }
  }
  for await (const task of archive.records('tasks', manifest)) yield* contentOf(task)
}

function* contentOf({ name, pass, executor, votes, outputs }: TaskRecord): Generator<Mention> {
  const task = `task ${name} (${executor}, the ${pass} pass)`
  for (const [at, { envelope, node, basis }] of votes.entries()) {
    yield { cid: envelope, what: `verdict ${at + 1} of ${task}, signed by ${node}` }
    for (const repeat of basis?.again ?? []) yield { cid: repeat.envelope, what: `a repeat of verdict ${at + 1} of ${task}` }
  }
  for (const [at, cid] of outputs.entries()) yield { cid, what: `output ${at + 1} of ${task}` }
}

/** Checks that every block is named, and stands where it is named first. */
export async function checkOrder(archive: Walkable): Promise<void> {
  let next = 0
  for await (const { cid, what } of mentions(archive)) {
    const number = archive.numberOf(cid)
    if (number === undefined) throw new AuditFailure('form', { block: next }, `${what}, ${cid}, is not in the archive`)
    if (number > next) throw new AuditFailure('form', { block: next }, `${what} should stand here, and stands at ${number}`)
    if (number === next) next++
  }
  if (next < archive.size.blocks) throw new AuditFailure('form', { block: next }, 'nothing names it')
}

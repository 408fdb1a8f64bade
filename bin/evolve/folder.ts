import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Step } from './events.ts'

/** Where everything of a loop stands, below its working folder. */
export class WorkFolder {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }

  get journal(): string {
    return join(this.path, 'journal.jsonl')
  }

  /** A copy of each plan that steps were begun under, by its digest. */
  plan(digest: string): string {
    return join(this.path, 'plans', `${digest}.yaml`)
  }

  round(number: number): RoundFolder {
    return new RoundFolder(join(this.path, 'rounds', String(number).padStart(3, '0')))
  }
}

export class RoundFolder {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }

  /** What the generating command wrote, once it is checked. */
  get cases(): string {
    return join(this.path, 'cases.jsonl')
  }

  /** Where it writes. */
  get casesPart(): string {
    return join(this.path, 'cases.part.jsonl')
  }

  get results(): string {
    return join(this.path, 'results')
  }

  /** What the training command writes. */
  get model(): string {
    return join(this.path, 'model')
  }

  /** For a command's own files. */
  get scratch(): string {
    return join(this.path, 'scratch')
  }

  get logs(): string {
    return join(this.path, 'logs')
  }

  log(step: Step): string {
    return join(this.logs, `${step}.log`)
  }
}

/** Has the disk keep what a file or folder holds, names in a folder included. */
export async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

/** The same of a folder and all that is in it; links are not followed. */
export async function syncAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await syncAll(path)
    else if (entry.isFile()) await sync(path)
  }
  await sync(folder)
}

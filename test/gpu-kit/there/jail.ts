import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NO_CGROUPS } from '../../../sandbox/jail/cgroups.ts'
import { canWatch, featuresOf } from '../../../sandbox/jail/features.ts'
import { findCgroups } from '../../../sandbox/jail/find-cgroups.ts'
import { orphansStay } from '../../../sandbox/jail/first-process.ts'
import { Jail } from '../../../sandbox/jail/jail.ts'
import { ask } from '../../../sandbox/toolchain/ask.ts'
import { find } from '../../../sandbox/toolchain/find.ts'
import type { Places } from './stand.ts'

/** A jail of the production code, with bubblewrap, launcher and filters as they are to be had here. */
export interface KitJail {
  jail: Jail
  /** Where its bubblewrap is. */
  path: string
  /** Whose that is. */
  bubblewrap: 'of the machine' | 'of the kit'
}

/** What was prepared when the kit was made: launcher, filters, loaders. */
export const equipmentOf = ({ work }: Places) => join(work, 'project', 'equipment')

/**
 * The machine's own bubblewrap where it has one that is new enough, else that of the kit.
 * @throws SandboxFault where neither starts
 */
export async function openKitJail(places: Places, { cgroups: use = true } = {}): Promise<KitJail> {
  const own = await find('bwrap')
  const features = own === null ? null : await featuresAt(own).catch(() => null)
  const bubblewrap = features === null || own === null ? await carriedBubblewrap(places) : own
  const jail = new Jail({
    bubblewrap,
    features: features ?? (await featuresAt(bubblewrap)),
    launcher: { folder: equipmentOf(places), file: 'launch' },
    cgroups: use ? await findCgroups() : NO_CGROUPS,
    watchable: await canWatch(),
    orphansStay: await orphansStay(),
    root: process.getuid?.() === 0,
  })
  return { jail, path: bubblewrap, bubblewrap: features === null ? 'of the kit' : 'of the machine' }
}

async function featuresAt(bubblewrap: string) {
  return featuresOf(await ask(bubblewrap, ['--help']))
}

/** Started by the loader and the libraries of the kit: those of the machine may be older, or not there. */
async function carriedBubblewrap({ kit, work }: Places): Promise<string> {
  const script = join(work, 'bwrap')
  const lib = join(work, 'lib')
  const loader = readFileSync(join(kit, 'loader'), 'utf8')
  const line = `exec "${lib}/${loader}" --library-path "${lib}" "${work}/project/bwrap" "$@"`
  if (!existsSync(script)) await writeFile(script, `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  return script
}

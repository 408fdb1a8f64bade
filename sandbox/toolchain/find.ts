import { access, constants, realpath } from 'node:fs/promises'
import { SandboxFault } from '../types.ts'

/** Where system packages install programs. Not PATH: a jail shows only these, and the result must not depend on a shell. */
const PLACES = ['/usr/bin', '/bin', '/usr/local/bin'] as const

/** The full path of a program, or null. */
export async function find(name: string): Promise<string | null> {
  for (const place of PLACES) {
    const path = `${place}/${name}`
    if (await isExecutable(path)) return path
  }
  return null
}

/** @throws SandboxFault `toolchain` with the line to type */
export async function need(name: string, packages: { apt: string; dnf: string; pacman: string }): Promise<string> {
  const path = await find(name)
  if (path !== null) return path
  const { apt, dnf, pacman } = packages
  const remedy = `Debian, Ubuntu: sudo apt-get install ${apt}; Fedora: sudo dnf install ${dnf}; Arch: sudo pacman -S ${pacman}`
  throw new SandboxFault('toolchain', `${name} is not installed. ${remedy}`)
}

/** Whether this process may start it, wherever its links lead. */
export async function isExecutable(path: string): Promise<boolean> {
  return await access(await realpath(path).catch(() => path), constants.X_OK).then(
    () => true,
    () => false,
  )
}

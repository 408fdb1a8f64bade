import type { Mount } from './policy.ts'

/**
 * Where root shows our folders before he becomes nobody, who may not enter the folders above them: a file system over
 * /sys that only this run sees. Nothing of a toolchain or of ours ever lies under /sys. A jail with a GPU may show folders
 * of /sys; none of them is in /sys/kernel.
 */
const STAGE = '/sys'
const STAGE_BESIDE_SYS = '/sys/kernel'

/** Which of our folders a jail needs, and under which name bubblewrap finds them. */
export class Stage {
  readonly #folders: string[]
  readonly #root: boolean
  readonly #at: string
  constructor(mounts: readonly Mount[], { root }: { root: boolean }) {
    this.#root = root
    this.#at = mounts.some((mount) => mount.kind === 'shown' && mount.path.startsWith('/sys/')) ? STAGE_BESIDE_SYS : STAGE
    this.#folders = [...new Set(mounts.flatMap((mount) => ('folder' in mount ? [mount.folder] : [])))]
  }

  /** The launcher's operations that make it. */
  get operations(): string[] {
    if (!this.#root) return []
    return ['stage', this.#at, ...this.#folders.flatMap((folder) => ['bind', folder, this.resolve(folder)])]
  }

  readonly resolve = (folder: string): string => (this.#root ? `${this.#at}/${this.#folders.indexOf(folder)}` : folder)
}

import type { Mount } from './policy.ts'

/**
 * Where root shows our folders before he becomes nobody, who may not enter the folders above them: a file system over
 * /sys that only this run sees. Nothing of a toolchain or of ours ever lies under /sys.
 */
const STAGE = '/sys'

/** Which of our folders a jail needs, and under which name bubblewrap finds them. */
export class Stage {
  readonly #folders: string[]
  readonly #root: boolean
  constructor(mounts: readonly Mount[], { root }: { root: boolean }) {
    this.#root = root
    this.#folders = [...new Set(mounts.flatMap((mount) => ('folder' in mount ? [mount.folder] : [])))]
  }

  /** The launcher's operations that make it. */
  get operations(): string[] {
    if (!this.#root) return []
    return ['stage', STAGE, ...this.#folders.flatMap((folder) => ['bind', folder, this.resolve(folder)])]
  }

  readonly resolve = (folder: string): string => (this.#root ? `${STAGE}/${this.#folders.indexOf(folder)}` : folder)
}

/** This release; a test keeps it equal to package.json. */
export const VERSION = '0.1.0'

/** How a process of ours names itself to others. */
export const AGENT = `kernelswarm/${VERSION}`

/** The oldest node a coordinator of this release works with, unless its operator says otherwise. */
export const LEAST_VERSION = '0.1.0'

const AGENT_FORM = /^kernelswarm\/(\d+\.\d+\.\d+)/

/**
 * Whether an agent is a release of ours that is older than another one. Who names itself otherwise is another implementation,
 * and judged by what it says.
 * @param version such as `0.2.0`
 */
export function isOlder(agent: string, version: string): boolean {
  const own = AGENT_FORM.exec(agent)?.[1]
  if (own === undefined) return false
  const [a, b] = [own, version].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const at = a.findIndex((part, place) => part !== b[place])
  return at >= 0 && (a[at] as number) < (b[at] ?? 0)
}

/** What the owner of an old node is told, in words. */
export function updateAdvice(agent: string, least: string): string {
  return `this coordinator works with kernelswarm ${least} or later, and this node is ${agent.replace('kernelswarm/', '').slice(0, 40)}: update it (where it was installed from a package, install the newer one over it; in a clone, git pull and npm ci) and start it again; its key and its verdicts stay`
}

/** Families of distributions whose remedies are known; `other` gets them in words. */
export const DISTRIBUTIONS = ['debian', 'ubuntu', 'fedora', 'arch'] as const
export type Distribution = (typeof DISTRIBUTIONS)[number] | 'other'

export interface Release {
  distribution: Distribution
  /** As it calls itself, for example `Ubuntu 24.04.1 LTS`. */
  name: string
}

/** Reads `/etc/os-release`: its own name first, then what it says it is like. */
export function parseRelease(text: string): Release {
  const fields = new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, key, value] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? []
      return key === undefined || value === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')]]
    }),
  )
  const words = [fields.get('ID') ?? '', ...(fields.get('ID_LIKE') ?? '').split(' ')]
  const found = words.flatMap((word) => DISTRIBUTIONS.find((name) => name === word) ?? [])
  return { distribution: found[0] ?? 'other', name: fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? 'unknown' }
}

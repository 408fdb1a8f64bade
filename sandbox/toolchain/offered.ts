import { type BuildSettings, CPU_EXECUTORS, type SourceComposer } from './composer.ts'

/** What a build may need of a machine beside the compiler. */
export type Need = NonNullable<BuildSettings['needs']>

/** The same composer with the builds that a machine can do: the passes that need what it lacks are not offered. */
export function withoutNeeds(composer: SourceComposer, lacks: readonly Need[]): SourceComposer {
  const { host, emulated } = composer.builds
  return { ...composer, builds: { host: without(host, lacks), emulated: without(emulated, lacks) } }
}

function without(builds: SourceComposer['builds']['host'], lacks: readonly Need[]): SourceComposer['builds']['host'] {
  return Object.fromEntries(Object.entries(builds).filter(([, { needs }]) => needs === undefined || !lacks.includes(needs)))
}

/** Whether some build needs it. */
export function hasNeed({ builds }: SourceComposer, need: Need): boolean {
  return CPU_EXECUTORS.some((executor) => Object.values(builds[executor]).some(({ needs }) => needs === need))
}

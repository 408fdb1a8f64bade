import { z } from 'zod'
import { ScheduleRule } from '../conditions/schedule.ts'

/** A preference: its form, its value where the file says nothing, and what it means, as file and docs say it. */
function preference<T extends z.ZodType>(form: T, byDefault: z.output<T>, says: string) {
  return form.default(byDefault as z.core.util.NoUndefined<z.output<T>>).describe(says)
}

/** Preferences that stand together; one that is named without any is as one that is not named. */
function group<T extends z.ZodRawShape>(shape: T) {
  const fields = z.strictObject(shape)
  return z.preprocess((value) => value ?? {}, fields).prefault({}) as unknown as z.ZodPrefault<typeof fields>
}

const percent = z.number().min(1, 'expected percent, from 1 to 100').max(100, 'expected percent, from 1 to 100')
const yesOrNo = z.boolean('expected true or false')
const names = z.array(z.string().min(1).max(255), 'expected a list of names, such as [blender, steam]').max(256)

/** A limit with hysteresis: what was stopped at one value begins again at a lower one. */
export const Band = z
  .strictObject({ 'stop-at': z.number().positive(), 'resume-at': z.number().nonnegative() })
  .refine((band) => band['resume-at'] < band['stop-at'], {
    path: ['resume-at'],
    error: 'expected less than stop-at, or it would stop and begin all the time',
  })
  .nullable()
export type Band = z.infer<typeof Band>

function limits(idle: boolean) {
  const when = idle ? 'nobody uses the machine' : 'somebody uses the machine'
  return group({
    cpu: preference(yesOrNo, true, `Whether programs run on the processor while ${when}.`),
    gpu: preference(yesOrNo, idle, `Whether programs run on GPUs while ${when}.`),
    'processors-percent': preference(percent, 100, `How many of the slots are used while ${when}; one at least.`),
    'cpu-time-percent': preference(percent, 100, `For what share of the time programs on the processor run while ${when}.`),
    'gpu-time-percent': preference(percent, 100, `For what share of the time programs on a GPU run while ${when}.`),
    'memory-percent': preference(
      percent,
      idle ? 90 : 50,
      `Most of the machine's memory that programs may use, all together, while ${when}.`,
    ),
  })
}

/** The file `preferences.yaml` of a volunteer's data folder. Defaults are those of BOINC where it has the same. */
export const PreferencesFile = group({
  'idle-after-minutes': preference(
    z.number().min(0, 'expected minutes, 0 or more').max(1440, 'expected minutes, 1440 at most'),
    3,
    'Minutes without anybody at the machine after which it counts as idle. Where that cannot be told it counts as in use.',
  ),
  'on-battery': preference(yesOrNo, false, 'Whether programs run while the machine is on battery.'),
  'other-cpu-percent': preference(
    percent.nullable(),
    25,
    'Programs stop while others use more than this of all processors; null for no limit.',
  ),
  schedule: preference(
    z.array(ScheduleRule, 'expected a list of times').max(64, 'expected 64 times at most'),
    [],
    'When programs may run, by the clock of this machine, such as { days: mon-fri, from: 22:00, to: 07:00, for: gpu }; for is cpu, gpu or both. At any time where nothing is said of it.',
  ),
  'pause-while-running': preference(names, [], 'Programs stop while one of these names runs on this machine.'),
  'gpu-pause-while-running': preference(names, [], 'Programs on GPUs stop while one of these names runs on this machine.'),
  'in-use': limits(false),
  idle: limits(true),
  gpu: group({
    off: preference(
      z.array(z.union([z.int().nonnegative().transform(String), z.string().min(1).max(100)])).max(64),
      [],
      'GPUs that are never used, by index or UUID as nvidia-smi -L lists them.',
    ),
    'share-with-others': preference(yesOrNo, false, 'Whether programs run on a GPU that other programs compute on.'),
    'temperature-celsius': preference(
      Band,
      { 'stop-at': 85, 'resume-at': 75 },
      'Programs stop on a GPU that is as hot as stop-at, and begin again at resume-at; null for no limit.',
    ),
    'power-watts': preference(Band, null, 'The same for the power that a GPU draws.'),
    'fan-percent': preference(Band, null, 'The same for the speed of its fan: how loud it is.'),
  }),
  disk: group({
    'most-percent': preference(percent, 90, "Most of the disk that the node's files may take; it asks for no work beyond."),
    'most-gib': preference(z.number().positive().nullable(), null, 'The same in GiB; null for no limit.'),
    'keep-free-gib': preference(z.number().nonnegative(), 0.1, 'It asks for no work while less than this is free.'),
  }),
  network: group({
    'mib-a-day': preference(
      z.number().positive().nullable(),
      null,
      'It asks for no work that day once so many MiB were sent and received; null for no limit.',
    ),
  }),
  hook: group({
    command: preference(
      z.string().min(1).max(4096).nullable(),
      null,
      'A command for the shell: programs run while its exit status is 0 (the price of power, the sun on the roof).',
    ),
    'every-minutes': preference(z.number().min(0.1).max(1440), 5, 'How often the command is run.'),
    'timeout-seconds': preference(z.number().min(1).max(600), 30, 'A command that takes longer is ended, and counts as no.'),
  }),
})

/** What a volunteer wants, whole: every field has a value. */
export type PreferenceValues = z.infer<typeof PreferencesFile>
/** Limits of one of the two states of the machine. */
export type StateLimits = PreferenceValues['idle']
export const DEFAULT_PREFERENCES: PreferenceValues = PreferencesFile.parse({})

/** A preference as file and docs show it. */
export interface PreferenceRow {
  path: string[]
  byDefault: unknown
  says: string
}

/** Every preference, in the order of the file. */
export const PREFERENCE_ROWS: readonly PreferenceRow[] = rowsOf(PreferencesFile as unknown as Inside, [])

/** What is looked at of a schema: an object's fields, a preference's default, what a group is around. */
interface Inside {
  description?: string
  shape?: Record<string, Inside>
  def: { defaultValue?: unknown; innerType?: Inside; out?: Inside }
}

function rowsOf({ description, shape, def }: Inside, path: string[]): PreferenceRow[] {
  if (description !== undefined) return [{ path, byDefault: def.defaultValue, says: description }]
  if (shape !== undefined) return Object.entries(shape).flatMap(([name, field]) => rowsOf(field, [...path, name]))
  const inner = def.innerType ?? def.out
  return inner === undefined ? [] : rowsOf(inner, path)
}

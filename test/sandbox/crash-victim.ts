import { LIMITS, plainSandbox, runOne } from './fixture.ts'

/** A process to be killed in the middle of a run: the name the program gives itself, and whether it may use cgroups. */
const [, , mark = '', cgroups] = process.argv
const sandbox = await plainSandbox({ cgroups: cgroups === 'never' ? 'never' : 'where-possible' })
await runOne(
  sandbox,
  `if (strcmp(argv[0], "/program") == 0) execl("/program", "${mark}", argv[1], NULL); setpgid(0, 0); for (;;) pause();`,
  { ...LIMITS, wallMs: 60_000 },
)

import { LIMITS, plainSandbox, runOne } from './fixture.ts'

/** A process to be killed in the middle of a run; its argument is the name the program gives itself. */
const mark = process.argv[2] ?? ''
const sandbox = await plainSandbox()
await runOne(
  sandbox,
  `if (strcmp(argv[0], "/program") == 0) execl("/program", "${mark}", argv[1], NULL); setsid(); for (;;) pause();`,
  { ...LIMITS, wallMs: 60_000 },
)

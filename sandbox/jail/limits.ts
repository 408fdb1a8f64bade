/** The jail's own numbers. What rooms agree on stands in the protocol's limits. */

const MIB = 1024 ** 2

/** Tasks (processes and threads) of one test: the emulator's two processes and what a test starts; a fork bomb ends here. */
export const RUN_TASKS = 64
/** Tasks of one compile: the driver, the compiler, assembler, linker and their wrappers are six. */
export const COMPILE_TASKS = 32
/** The jail's own tasks inside a run's cgroup: bubblewrap outside, bubblewrap as init, the launcher. */
export const JAIL_TASKS = 4
/** What a test may write to its private /tmp. Honest tests write nothing. */
export const RUN_TEMPORARY_BYTES = 16 * MIB
/** Private /tmp of a compile: assembler text, object and product of the largest product that is kept. */
export const COMPILE_TEMPORARY_BYTES = 256 * MIB
/** Diagnostics kept of one process, for people; what follows is counted, not kept. */
export const DIAGNOSTIC_BYTES = 16 * 1024
/** The harness's report is one short line. */
export const REPORT_BYTES = 4 * 1024
/** Address space a compiler may map beyond its memory: its libraries, the precompiled header, the loader. */
export const COMPILE_RESERVE_BYTES = 256 * MIB
/** Address space of a program of the host executor: also stacks and heaps of a few threads, reserved and hardly used. */
export const HOST_RESERVE_BYTES = 1024 * MIB
/** The emulator maps its device memory (4 GiB, nearly all never touched) twice; the rest as for the host executor. */
export const EMULATED_RESERVE_BYTES = 2 * 4 * 1024 * MIB + HOST_RESERVE_BYTES
/** As in the reference's shell; fixed, because the place of mappings depends on it. */
export const STACK_BYTES = 8 * MIB
/** Open files of one process. */
export const OPEN_FILES = 128
/** From a stop to the end of all pipes and processes. A kernel that needs longer than this is not well. */
export const REAP_MS = 10_000
/** From the kill of a jail's init to the end of bubblewrap by itself; it takes a millisecond. */
export const BURIAL_MS = 1_000
/** How long a jail may take to stand; it takes 10 ms, on a machine that does nothing else. */
export const START_MS = 30_000
/** The user and group inside the jail, and the one root becomes outside: `nobody`. */
export const JAIL_ID = 65_534

/**
 * Room for files that an emulated program's processes share as memory. More than the memory they may have, so that the limit of
 * memory is reached first and said; what is kept there and mapped by nobody is held by this alone where no cgroup counts it.
 */
export function sharedBytesFor(memoryBytes: number): number {
  return 2 * memoryBytes
}

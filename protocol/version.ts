/** This release; a test keeps it equal to package.json. */
export const VERSION = '0.1.0'

/** How a process of ours names itself to others. */
export const AGENT = `kernelswarm/${VERSION}`

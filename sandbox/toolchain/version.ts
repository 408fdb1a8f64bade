/** What the sandbox prints and how: raised whenever the same program could give other bytes than before. */
export const SANDBOX_VERSION = '4'

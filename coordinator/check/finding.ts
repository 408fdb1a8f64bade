/** Something in a store that is not as it was written, or does not follow from what it should follow from. */
export interface Finding {
  /** Which record or file. */
  where: string
  /** What is there, and what was expected. */
  what: string
  /** What it means, and what to do. */
  remedy: string
}

/** What to do about a store that is damaged. */
export const RESTORE =
  'make the folder anew from the last backup (kernelswarm coordinator restore); nodes run again what is missing since'

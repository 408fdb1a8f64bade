/** Something in a file that is not as it was written. */
export interface Fault {
  /** Byte of the file, from 0. */
  at: number
  what: string
}

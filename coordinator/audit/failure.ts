/** What kind of thing does not hold. */
export type AuditCode =
  /** The file is not in the one form that an archive has: header, lengths, names, order of blocks, its end. */
  | 'form'
  /** A block's bytes are not what its name says. */
  | 'block'
  /** The signature over the root, or whose it is. */
  | 'signature'
  /** A record is not what the format says, or contradicts another one. */
  | 'record'
  /** A signed verdict: its signature, or that it is about another task, nonce or class than the record says. */
  | 'verdict'
  /** An output is not what the verdict names, or its digests are not those the decision uses. */
  | 'output'
  /** What was decided does not follow from the votes. */
  | 'decision'
  /** A check of a batch, or what a batch came to, does not follow from the votes. */
  | 'batch'
  /** Two outputs were said to be equal, or not, and are not. */
  | 'comparison'
  /** A pass that the rules ask for is missing. */
  | 'pass'
  /** A judgement does not follow from the decisions. */
  | 'judgement'
  /** The cases are not those of the files that were given. */
  | 'cases'

/** Where in the round: as much of it as is known. Lines and tests count from 1, blocks and bytes from 0. */
export interface AuditPlace {
  line?: number
  side?: string
  pass?: string
  task?: string
  test?: number
  /** The verdict, by its place among those of its task, from 1. */
  vote?: number
  block?: number
  byte?: number
}

/** The first thing that does not hold; the message is one plain sentence. */
export class AuditFailure extends Error {
  readonly code: AuditCode
  readonly place: AuditPlace

  constructor(code: AuditCode, place: AuditPlace, what: string) {
    super(`${words(place)}${what}`)
    this.code = code
    this.place = place
  }
}

function words({ line, side, pass, task, test, vote, block, byte }: AuditPlace): string {
  const parts = [
    line === undefined ? '' : `case line ${line}`,
    side === undefined ? '' : `the ${side} side`,
    pass === undefined ? '' : `the ${pass} pass`,
    task === undefined ? '' : `task ${task}`,
    test === undefined ? '' : `test ${test}`,
    vote === undefined ? '' : `verdict ${vote}`,
    block === undefined ? '' : `block ${block}`,
    byte === undefined ? '' : `byte ${byte} of the file`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? '' : `${parts.join(', ')}: `
}

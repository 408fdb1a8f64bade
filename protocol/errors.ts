/**
 * Errors are for people: what, where, what was expected, what to do.
 * `code` is for programs and tests; `message` is one clear line.
 */
export class KernelswarmError<Code extends string = string> extends Error {
  override readonly name = 'KernelswarmError'
  readonly code: Code
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The user's input or command line is wrong: the executable prints the message alone and exits with 2. */
export class UsageError extends KernelswarmError<UsageCode> {}

export type UsageCode =
  /** A file or folder named by the user cannot be read or written. */
  | 'file'
  /** A line of a case file is not a case. */
  | 'case'
  /** An option has a value it cannot have, or options contradict each other. */
  | 'option'
  /** A file of settings has a field it cannot have, or one that is not as it must be. */
  | 'plan'
  /** An address cannot be listened on or dialled. */
  | 'address'
  /** The other side refused: unknown key, unknown round, policy it does not serve. */
  | 'refused'
  /** Something the machine lacks (a program, a permission). */
  | 'machine'

/** A peer broke the protocol. It is told `code` and cut off; `message` stays in our log. */
export class ProtocolError extends KernelswarmError<ProtocolCode> {}

export type ProtocolCode =
  /** A frame longer than the cap. */
  | 'too-large'
  /** Bytes that are not CBOR, or nested too deep. */
  | 'malformed'
  /** CBOR that is not in the one canonical form. */
  | 'not-canonical'
  /** CBOR that is not a message of this protocol. */
  | 'schema'
  /** A message that is not expected in this state. */
  | 'unexpected'
  /** Nothing came within the time limit. */
  | 'timeout'
  /** A signature, or the key that made it, is not right. */
  | 'signature'
  /** The other side speaks no version of this protocol that is spoken here. */
  | 'version'
  /** The stream ended in the middle of a call. */
  | 'closed'

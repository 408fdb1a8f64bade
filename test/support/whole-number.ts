import { InvalidArgumentError } from 'commander'

/** Reads an option of a command of ours: a whole number from 1. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number from 1.')
  return value
}

import type { z } from 'zod'

/** What was expected of a value, without the library's name for the kind of fault. */
export function expectation({ message }: Pick<z.core.$ZodIssue, 'message'>): string {
  return message.replace(/^(?:Invalid (?:input|option|string)|Too (?:big|small)): /, '')
}

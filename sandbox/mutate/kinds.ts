import * as device from './device.ts'
import * as operators from './operators.ts'
import type { FindSites } from './site.ts'
import * as statements from './statements.ts'
import * as values from './values.ts'

/** Every kind of mutation, and what finds where it applies. The names are part of mutants' ids. */
export const MUTATIONS = {
  arithmetic: operators.arithmetic,
  assignment: operators.assignment,
  comparison: operators.comparison,
  logic: operators.logic,
  bound: values.bound,
  index: values.index,
  constant: values.constant,
  type: values.type,
  initialisation: values.initialisation,
  function: values.calledFunction,
  name: values.name,
  statement: statements.statement,
  semicolon: statements.semicolon,
  condition: statements.condition,
  guard: statements.guard,
  'host-call': statements.hostCall,
  synchronisation: device.synchronisation,
  atomic: device.atomic,
  copy: device.copy,
  direction: device.direction,
  allocation: device.allocation,
  size: device.size,
  launch: device.launch,
  grid: device.grid,
  'thread-number': device.threadNumber,
  arguments: device.swappedArguments,
  qualifier: device.qualifier,
} as const satisfies Record<string, FindSites>

export type MutationKind = keyof typeof MUTATIONS
export const MUTATION_KINDS = Object.keys(MUTATIONS) as readonly MutationKind[]

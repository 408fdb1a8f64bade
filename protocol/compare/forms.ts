import { cidOf } from '../content.ts'
import { compatForm } from '../output.ts'
import { maskAddresses } from './text.ts'

/** Digests of forms of what a test printed: as the reference compares it, and that without addresses. */
export interface OutputForms {
  compat: string
  masked: string
}

/** Names the forms of what was printed. Most outputs have no address in them, and then both are the same. */
export async function formsOf(printed: Uint8Array): Promise<OutputForms> {
  const form = compatForm(printed)
  const masked = maskAddresses(form)
  const compat = await cidOf(form, 'raw')
  return { compat, masked: masked === form ? compat : await cidOf(masked, 'raw') }
}

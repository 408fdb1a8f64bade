import { join } from 'node:path'
import type { ResearcherClient } from '../../protocol/index.ts'
import { defaultData } from '../options.ts'
import { Link, type RemoteOptions } from './link.ts'

export type { RemoteOptions } from './link.ts'

export const DEFAULT_KEY = join(defaultData('researcher'), 'researcher.key')

/** Connects to a coordinator as the researcher whose key it is, does something, and leaves. */
export async function withCoordinator<T>(
  { coordinator, key }: RemoteOptions,
  signal: AbortSignal,
  use: (client: ResearcherClient) => Promise<T>,
): Promise<T> {
  await using link = await Link.open({ coordinator, key, signal })
  return await link.once(use)
}

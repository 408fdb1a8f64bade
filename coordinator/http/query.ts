import { z } from 'zod'
import { CidText, JudgementWord } from '../../protocol/index.ts'
import { DEFAULT_PAGE, MAX_PAGE } from './limits.ts'
import { Refusal } from './refusal.ts'
import { SharedFile } from './schemas.ts'

/** Numbers in addresses are digits and nothing else: no signs, blanks, exponents. */
const whole = z
  .string()
  .regex(/^\d{1,9}$/, 'expected a whole number')
  .transform(Number)

/** Where a page of a list begins, counted from 0, and how long it may be. More than the most there is gives the most there is. */
export const Page = z.object({
  from: whole.default(0),
  limit: whole.transform((limit) => Math.min(Math.max(limit, 1), MAX_PAGE)).default(DEFAULT_PAGE),
})
export type Page = z.infer<typeof Page>

/** Which cases to list: by judgement under the round's rule, or those without one that can be shown (`open`). */
export const Show = z.enum(['all', ...JudgementWord.options, 'open'])
export type Show = z.infer<typeof Show>
export const CasesPage = Page.extend({ show: Show.default('all') })
export type CasesPage = z.infer<typeof CasesPage>

/** In which order nodes are listed: those connected first, or by what they did. */
export const NodeOrder = z.enum(['connected', 'credit'])
export type NodeOrder = z.infer<typeof NodeOrder>
export const NodesPage = Page.extend({ order: NodeOrder.default('connected') })
export const NodeParams = z.object({ node: z.string().regex(/^[A-Za-z0-9]{1,128}$/, 'expected a peer id') })

export const TileParams = z.object({ tile: whole.default(0) })

export const RoundParams = z.object({ round: CidText })
export const CaseParams = RoundParams.extend({ line: whole })
export const FileParams = RoundParams.extend({ file: SharedFile })
export const VerdictParams = z.object({ cid: CidText })
/** `test` counts from 1. */
export const OutputParams = VerdictParams.extend({ test: whole })

/** @throws Refusal `bad-request` naming the parameter */
export function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Refusal('bad-request', `${issue?.path.join('.') ?? 'request'}: ${issue?.message ?? 'not as expected'}`)
}

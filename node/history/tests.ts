import type { Execution } from '../../sandbox/index.ts'
import { EXCERPT_BYTES } from './limits.ts'
import type { KeptTest } from './record.ts'

/** Of an execution what is kept: the beginning of each output, as text; what is no text is shown as such. */
export function keptTests({ tests }: Execution): KeptTest[] {
  return tests.map(({ status, wallMs, findings, output, detail }) => ({
    status,
    wallMs: Math.round(wallMs * 10) / 10,
    findings,
    output: excerpt(output),
    outputBytes: output.byteLength,
    detail: detail.slice(0, EXCERPT_BYTES),
  }))
}

function excerpt(output: Uint8Array): string {
  return Buffer.from(output.subarray(0, EXCERPT_BYTES)).toString('utf8')
}

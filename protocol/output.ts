/**
 * Canonical output is what a test wrote to standard output, byte for byte. The `compat` form is what the reference
 * compares: carriage returns count as line ends; stripped and split into lines; each line stripped, its runs
 * of white space made one blank. Worked out on bytes, since a test may print bytes that are no text.
 */

const LF = 0x0a
const CR = 0x0d
const BLANK = 0x20

/** White space of the reference's strip and split, as far as it is ASCII: tab to CR, the separators 0x1c to 0x1f, blank. */
function isSpace(byte: number): boolean {
  return byte === BLANK || (byte >= 0x09 && byte <= CR) || (byte >= 0x1c && byte <= 0x1f)
}

/** The `compat` form of an output: two outputs are equal under the rule exactly when these bytes are. Never longer than it. */
export function compatForm(output: Uint8Array): Uint8Array {
  const form = new Uint8Array(output.length)
  let length = 0
  // What stands between the last byte written and the next one: line ends, or a gap in the line.
  let lineEnds = 0
  let gap = false
  for (let at = 0; at < output.length; at++) {
    const byte = output[at] as number
    if (byte === LF || byte === CR) {
      if (byte === CR && output[at + 1] === LF) at++
      lineEnds++
      gap = false
    } else if (isSpace(byte)) {
      gap = lineEnds === 0
    } else {
      if (length > 0) {
        if (gap) form[length++] = BLANK
        for (; lineEnds > 0; lineEnds--) form[length++] = LF
      }
      form[length++] = byte
      lineEnds = 0
      gap = false
    }
  }
  return form.slice(0, length)
}

/** Whether the reference would call two outputs equal. */
export function compatEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(compatForm(a), compatForm(b)) === 0
}

/** Output as text for files and pages: UTF-8, every byte that is not becomes U+FFFD. Decisions are never made on this. */
export function outputText(output: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(output)
}

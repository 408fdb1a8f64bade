/** Where what each release said and stored is kept, a folder a version. */
export const RELEASES = new URL('releases/', import.meta.url)
/** What is copied from the vectors of the day. */
export const VECTOR_FILES = ['cbor.json', 'messages.json', 'envelopes.json', 'statements.json', 'owners.json', 'programs.json']
/** The forms of what was said and signed, as docs/protocol.md had them, by block; and the versions they are of. */
export interface RecordedForms {
  protocols: string[]
  blocks: Record<string, string>
}

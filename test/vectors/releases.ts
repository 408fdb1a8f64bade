/** Where what each release said and stored is kept, a folder a version. */
export const RELEASES = new URL('releases/', import.meta.url)
/** What is copied from the vectors of the day. */
export const VECTOR_FILES = ['cbor.json', 'messages.json', 'envelopes.json', 'owners.json', 'programs.json']

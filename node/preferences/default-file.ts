import { Document, Scalar, YAMLMap } from 'yaml'
import { PREFERENCE_ROWS } from './schema.ts'

const HEAD = ` When this machine works for others, and how much. Saved, it holds at once; what is wrong in it is told in the node's log and by
 its status, and what held before goes on. A line that is left out is as it stands here.`

/** The file with every preference, its default and what it means. */
export function defaultFileText(): string {
  const document = new Document(new YAMLMap())
  document.commentBefore = HEAD
  for (const { path, byDefault, says } of PREFERENCE_ROWS) {
    for (let depth = 1; depth < path.length; depth++) {
      const group = path.slice(0, depth)
      if (!document.hasIn(group)) addKey(document, group, new YAMLMap(), null)
    }
    const value = document.createNode(byDefault, { flow: true })
    addKey(document, path, value, says)
  }
  return document.toString({ lineWidth: 0 })
}

function addKey(document: Document, path: readonly string[], value: unknown, comment: string | null): void {
  const key = new Scalar(path.at(-1))
  if (comment === null) key.spaceBefore = true
  else key.commentBefore = ` ${comment}`
  document.addIn(path.slice(0, -1), document.createPair(key, value))
}

import { get, paths } from '../api.js'
import { fromBase64 } from '../check/bytes.js'

/** Cases of a tile, as the coordinator cuts them. */
const TILE_CASES = 4096
/** Tiles that are held: 160,000 cases; the ones longest unseen go first. */
const MOST_TILES = 40
/** Tiles asked for at once. */
const AT_ONCE = 2
/** A tile that could not be read is not asked for again before this. */
const AGAIN_MS = 5000

/** @typedef {{ rows: number, columns: number, bytes: Uint8Array }} Tile */

/**
 * The pieces of a round's matrix, read as they come into sight and forgotten when they have been out of it for long.
 * @param {string} round
 * @param {{ signal: AbortSignal, onTile: () => void }} how
 */
export function createTiles(round, { signal, onTile }) {
  /** @type {Map<number, Tile>} */
  const held = new Map()
  /** @type {Set<number>} */
  const asked = new Set()
  /** @type {Set<number>} */
  const old = new Set()
  /** @type {Map<number, number>} */
  const failedAt = new Map()
  /** @type {number[]} */
  let wanted = []

  const next = () => {
    for (const tile of wanted) {
      if (asked.size >= AT_ONCE || signal.aborted) return
      const rests = asked.has(tile) || (failedAt.get(tile) ?? 0) + AGAIN_MS > Date.now()
      if (!rests && (!held.has(tile) || old.has(tile))) void read(tile)
    }
  }
  const read = async (/** @type {number} */ tile) => {
    asked.add(tile)
    old.delete(tile)
    try {
      const { rows, columns, cells } = await get(paths.matrix(round, tile), signal)
      failedAt.delete(tile)
      keep(tile, { rows, columns, bytes: fromBase64(cells) })
      onTile()
    } catch {
      failedAt.set(tile, Date.now())
    } finally {
      asked.delete(tile)
      next()
    }
  }
  const keep = (/** @type {number} */ number, /** @type {Tile} */ tile) => {
    held.delete(number)
    held.set(number, tile)
    for (const oldest of held.keys()) {
      if (held.size > MOST_TILES && !wanted.includes(oldest)) held.delete(oldest)
    }
  }

  return {
    /**
     * What is in sight now: what is missing of it is asked for, the first first.
     * @param {number} from
     * @param {number} to
     */
    want(from, to) {
      wanted = []
      for (let tile = Math.floor(from / TILE_CASES); tile * TILE_CASES < to; tile++) wanted.push(tile)
      next()
    },
    /** Something changed: what is in sight is read anew, the rest when it comes into sight. */
    refresh() {
      for (const tile of held.keys()) old.add(tile)
      next()
    },
    /**
     * A cell's byte; null where its tile is not here yet.
     * @param {number} index
     * @param {number} test
     */
    byte(index, test) {
      const number = Math.floor(index / TILE_CASES)
      const tile = held.get(number)
      const row = index - number * TILE_CASES
      if (tile === undefined || row >= tile.rows) return null
      return test < tile.columns ? (tile.bytes[row * tile.columns + test] ?? 0) : 0
    },
  }
}

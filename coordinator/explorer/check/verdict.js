import { fromBase64, hex, Malformed } from './bytes.js'
import { decode, encode } from './cbor.js'
import { verifyEd25519 } from './crypto.js'
import { nameOf, peerIdOf, readEnvelope } from './envelope.js'

/**
 * Everything about one verdict that a reader can work out from its bytes, step by step. A step that fails ends those that
 * rest on it; nothing here asks the coordinator whether something is right.
 *
 * @typedef {{ title: string, state: 'ok' | 'wrong' | 'open', lines: string[] }} Step `open`: could not be looked at, and why
 *
 * @typedef {object} Stated what the page was told, to be held against the bytes
 * @property {string} cid the verdict's name
 * @property {string} envelope in base64
 * @property {string} signer peer id
 * @property {string} task the task's bytes in base64
 * @property {Use | null} use
 *
 * @typedef {object} Use where it counts as a vote
 * @property {{ v: 1, side: string, code: string, wrapper: string, tests: string[] }} program as shown on the case's page
 * @property {{ status: string, output: string, flags: string[] }[]} listed what the ballot's table says
 */

/**
 * @param {Stated} stated
 * @param {(test: number) => Promise<Uint8Array<ArrayBuffer> | null>} outputOf of a test, from 1; null where the bytes are not at hand
 * @returns {AsyncGenerator<Step>}
 */
export async function* checkVerdict({ cid, envelope, signer, task, use }, outputOf) {
  const bytes = fromBase64(envelope)
  const opened = await attempt('The envelope can be read', () => readEnvelope(bytes))
  yield opened.step([`${bytes.length} bytes: a public key, ${opened.value?.payload.length} bytes of payload, and a signature`])
  if (opened.value === null) return
  const { key, keyMessage, payload, signature, message } = opened.value
  yield await checkSignature(key, signature, message)
  yield equal('The key is the node’s', peerIdOf(keyMessage), signer, 'A peer id is the key itself, written another way.')
  yield equal('The name is the payload’s', await nameOf(payload, 'dag-cbor'), cid, 'SHA-256 over what was signed.')
  const read = await attempt('The payload can be read', () => formed(decode(payload)))
  yield read.step([`a statement on ${read.value?.tests?.length} tests of task ${read.value?.task}`])
  if (read.value === null) return
  const taskBytes = fromBase64(task)
  yield equal(
    'It is about this task',
    await nameOf(taskBytes, 'dag-cbor'),
    read.value.task,
    'A program, and how it is to be run.',
  )
  if (use !== null) yield* ofUse(read.value, decode(taskBytes), use)
  yield await outputs(read.value.tests, outputOf)
}

/**
 * @param {Uint8Array<ArrayBuffer>} key
 * @param {Uint8Array<ArrayBuffer>} signature
 * @param {Uint8Array<ArrayBuffer>} message
 * @returns {Promise<Step>}
 */
async function checkSignature(key, signature, message) {
  const title = 'The signature is the key’s'
  try {
    const { valid, by } = await verifyEd25519({ key, signature, message })
    const lines = [`Ed25519 over domain, type and payload, worked out by ${by}`, `key ${hex(key)}`, `signature ${hex(signature)}`]
    return { title, state: valid ? 'ok' : 'wrong', lines }
  } catch (error) {
    return { title, state: 'wrong', lines: [`this key can have signed nothing: ${String(error)}`] }
  }
}

/**
 * That it is about what the case shows, and says what the ballot lists.
 * @param {any} value
 * @param {any} task
 * @param {Use} use
 * @returns {AsyncGenerator<Step>}
 */
async function* ofUse(value, task, { program, listed }) {
  const name = await nameOf(encode(program), 'dag-cbor')
  yield equal(
    'It ran the code and the tests shown with the case',
    task.program,
    name,
    'SHA-256 over code, wrapper and tests as shown.',
  )
  const signed = value.tests.map(wordsOf)
  const said = listed.map(({ status, output, flags }) => wordsOf({ status, output, findings: flags.map((flag) => ({ flag })) }))
  yield equal('It says what the ballot lists', signed.join(' · '), said.join(' · '), 'Status, output and flags of every test.')
}

/**
 * A statement with the parts that are looked at below.
 * @param {any} value
 */
function formed(value) {
  const tests = Array.isArray(value?.tests) ? value.tests : []
  const whole = tests.every((/** @type {any} */ test) => typeof test?.output === 'string' && Array.isArray(test.findings))
  if (typeof value?.task !== 'string' || !Array.isArray(value.tests) || !whole) throw new Malformed('it is no verdict')
  return value
}

/** @param {any} test */
function wordsOf({ status, output, findings }) {
  const flags = findings.map((/** @type {any} */ finding) => finding?.flag).sort()
  return [status, output, ...flags].join(' ')
}

/**
 * @param {{ output: string, outputBytes: number }[]} tests
 * @param {(test: number) => Promise<Uint8Array<ArrayBuffer> | null>} outputOf
 * @returns {Promise<Step>}
 */
async function outputs(tests, outputOf) {
  const title = 'The outputs are those it names'
  const lines = []
  let state = /** @type {Step['state']} */ ('ok')
  for (const [at, { output, outputBytes }] of tests.entries()) {
    const bytes = await outputOf(at + 1)
    const name = bytes === null ? null : await nameOf(bytes, 'raw')
    if (name !== null && name !== output) state = 'wrong'
    if (name === null && state === 'ok') state = 'open'
    lines.push(
      `test ${at + 1}: ${name === null ? `${outputBytes} bytes that are not shown here` : `${bytes?.length} bytes, ${name}`}`,
    )
  }
  return { title, state, lines }
}

/**
 * @param {string} title
 * @param {string} found
 * @param {string} stated
 * @param {string} why
 * @returns {Step}
 */
function equal(title, found, stated, why) {
  if (found === stated) return { title, state: 'ok', lines: [why, found] }
  return { title, state: 'wrong', lines: [why, `found  ${found}`, `stated ${stated}`] }
}

/**
 * @template T
 * @param {string} title
 * @param {() => T} read
 * @returns {Promise<{ value: T | null, step: (lines: string[]) => Step }>}
 */
async function attempt(title, read) {
  try {
    const value = read()
    return { value, step: (lines) => ({ title, state: 'ok', lines }) }
  } catch (error) {
    const why = error instanceof Malformed ? error.message : String(error)
    return { value: null, step: () => ({ title, state: 'wrong', lines: [why] }) }
  }
}

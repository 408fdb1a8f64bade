import { h } from '../dom.js'

/**
 * How to take part, in lines to be copied.
 * @param {any} status
 */
export function joining(status) {
  const address = addressOf(status)
  return h(
    'section',
    { class: 'panel join', 'aria-labelledby': 'join' },
    h('h2', { id: 'join' }, 'Join'),
    h(
      'p',
      null,
      'Any Linux machine can help, with a GPU or without. Programs run in a sandbox without network, and nothing of where you are is kept or shown.',
    ),
    command('Once: install, and see whether this machine is able', 'npm run setup && ./bin/kernelswarm node doctor'),
    command('Then: take part', `./bin/kernelswarm node start --coordinator ${address}`),
    command('Have cases of your own verified', `./bin/kernelswarm submit CASES.jsonl --coordinator ${address} --watch`),
  )
}

/**
 * Where this coordinator is reached, as this page was; an exported page was not reached there.
 * @param {any} status
 */
function addressOf({ coordinator, port, exportedAt }) {
  if (exportedAt !== null || typeof port !== 'number') return 'MULTIADDR'
  const host = location.hostname.replace(/^\[|\]$/g, '')
  const kind = host.includes(':') ? 'ip6' : /^[\d.]+$/.test(host) ? 'ip4' : 'dns'
  return `/${kind}/${host}/tcp/${port}/p2p/${coordinator}`
}

/**
 * @param {string} what
 * @param {string} line
 */
function command(what, line) {
  const copy = h('button', { type: 'button', class: 'quiet', 'aria-label': `Copy: ${what}` }, 'Copy')
  copy.addEventListener('click', () => void copied(copy, line))
  return h(
    'div',
    { class: 'to-copy' },
    h('p', { class: 'fine' }, what),
    h('div', null, h('pre', { class: 'command', tabindex: '0', 'aria-label': what }, line), copy),
  )
}

/**
 * Without WebCrypto's kind of safe place there is no clipboard either; the line can still be selected.
 * @param {HTMLElement} button
 * @param {string} line
 */
async function copied(button, line) {
  try {
    await navigator.clipboard.writeText(line)
    button.textContent = 'Copied'
  } catch {
    const before = button.previousElementSibling
    if (before !== null) getSelection()?.selectAllChildren(before)
    button.textContent = 'Selected'
  }
}

/**
 * The only way elements are made here. Text is always text: nothing that came from elsewhere is ever read as markup.
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Record<string, string | number | boolean | null | undefined | EventListener | Record<string, string>>} Attributes
 */

/**
 * Makes an element. `style` is an object, since a style attribute is what the page's policy forbids; functions are listeners.
 * @param {string} tag
 * @param {Attributes | null} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(element, name, value)
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue
    element.append(child instanceof Node ? child : String(child))
  }
  return element
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {Attributes[string]} value
 */
function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return
  if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value)
  else if (typeof value === 'object') for (const [key, rule] of Object.entries(value)) element.style.setProperty(key, rule)
  else element.setAttribute(name, value === true ? '' : String(value))
}

/**
 * Makes what stands on the page equal to what was drawn anew, touching only what differs, so that focus, selection and
 * scroll stay where the reader has them. Children with a `data-key` are matched by it, others by place.
 * What the reader opened stays open; listeners of what was there stay. What is inside of an element with `data-island`
 * (a canvas, a chart) has a life of its own and is left alone.
 * @param {Element} now
 * @param {Element} wanted
 */
export function patch(now, wanted) {
  for (const { name } of [...now.attributes]) {
    if (name !== 'open' && name !== 'style' && !wanted.hasAttribute(name)) now.removeAttribute(name)
  }
  for (const { name, value } of wanted.attributes) {
    if (name !== 'open' && name !== 'style' && now.getAttribute(name) !== value) now.setAttribute(name, value)
  }
  patchStyle(now, wanted)
  if (!now.hasAttribute('data-island')) patchChildren(now, wanted)
}

/**
 * @param {Element} now
 * @param {Element} wanted
 */
function patchStyle(now, wanted) {
  if (!(now instanceof HTMLElement) || !(wanted instanceof HTMLElement)) return
  if (now.style.cssText !== wanted.style.cssText) now.style.cssText = wanted.style.cssText
}

/**
 * @param {Element} now
 * @param {Element} wanted
 */
function patchChildren(now, wanted) {
  const keyed = new Map([...now.children].flatMap((child) => (keyOf(child) === null ? [] : [[keyOf(child), child]])))
  let at = now.firstChild
  for (const next of [...wanted.childNodes]) {
    const known = keyed.get(keyOf(next)) ?? at
    if (known === null || !alike(known, next)) {
      now.insertBefore(next, at)
      continue
    }
    if (known === at) at = at.nextSibling
    else now.insertBefore(known, at)
    if (known instanceof Element && next instanceof Element) patch(known, next)
    else if (known.nodeValue !== next.nodeValue) known.nodeValue = next.nodeValue
  }
  while (at !== null) {
    const after = at.nextSibling
    at.remove()
    at = after
  }
}

/**
 * @param {Node} node
 * @returns {string | null}
 */
function keyOf(node) {
  return node instanceof Element ? node.getAttribute('data-key') : null
}

/**
 * @param {Node} a
 * @param {Node} b
 */
function alike(a, b) {
  return a.nodeName === b.nodeName && keyOf(a) === keyOf(b)
}

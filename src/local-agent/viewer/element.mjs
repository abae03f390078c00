// Builds the page's elements. Children that are strings become text nodes and nothing else, so whatever a span says
// is shown as text and never read as HTML. Do not set `innerHTML` or inline styles anywhere: the page's policy blocks
// the latter and must keep blocking it.

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | undefined>} attributes `false` and `undefined` are left out
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children)
  return made
}

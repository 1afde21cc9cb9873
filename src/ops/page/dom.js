/** Elements of the page. Text from the server is never parsed as markup. */

export const byId = (id) => document.getElementById(id)

export const make = (name, { text, kind, ...rest } = {}, children = []) => {
  const element = Object.assign(document.createElement(name), rest)
  if (text !== undefined) element.textContent = text
  if (kind !== undefined) element.className = kind
  element.append(...children)
  return element
}

export const draw = (name, attributes, text) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  return element
}

/**
 * The log: messages in blocks of 100. A full block that is out of view is skipped by the browser (content-visibility), so one
 * more message costs the same after ten as after ten thousand. Nodes are added and never rewritten.
 */

const BLOCK = 100
/** Blocks kept while the reader follows the end. */
const BLOCKS = 100
/** Blocks kept while the reader is further up: nothing is taken away from under the eyes before that. */
const MOST_BLOCKS = 300
const TONES = 6

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" })
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" })

export const element = (name, className = "", text = "") => {
  const made = document.createElement(name)
  if (className !== "") made.className = className
  if (text !== "") made.textContent = text
  return made
}

/** A colour for a name, the same on each page. */
const toneOf = (name) => {
  let hash = 7
  for (const letter of name.toLowerCase()) hash = (hash * 37 + letter.charCodeAt(0)) % 1009
  return `tone${hash % TONES}`
}

const timeOf = (at) => {
  const date = new Date(at)
  const time = element("time", "", clock.format(date))
  time.dateTime = date.toISOString()
  time.title = exact.format(date)
  return time
}

const textOf = (text) => {
  const made = element("span", "text", text)
  made.dir = "auto"
  return made
}

const privacyOf = ({ isOwn, to }) => (isOwn ? `private, only for ${to}` : "private, only for you")

const messageOf = (entry) => {
  const { from, isOwn, isPrivate } = entry
  const kinds = [isPrivate ? "private" : "public", isOwn ? "own" : toneOf(from), from === "*" ? "operator" : ""]
  const message = element("div", `entry message ${kinds.join(" ").trim()}`)
  const who = element("span", "who")
  const name = element("bdi", "", from === "*" ? "* operator" : from)
  if (!isOwn && from !== "*") name.dataset.name = from
  who.append(name, ...(isOwn ? [element("span", "you", " (you)")] : []), element("span", "unseen", ": "))
  message.append(who)
  if (isPrivate) message.append(element("span", "privacy", privacyOf(entry)), element("span", "unseen", ". "))
  message.append(textOf(entry.text), timeOf(entry.at))
  return message
}

const noteOf = (entry) => {
  const note = element("div", `entry ${entry.kind}`)
  note.append(textOf(entry.text), timeOf(entry.at))
  return note
}

/** A log in an element that scrolls. */
export const createLog = (root) => {
  root.tabIndex = 0
  let blocks = []
  let room = 0
  let day = ""
  let full = []
  /** Messages of one's own that are not settled yet. */
  const unsettled = new Map()
  const marker = element("div", "entry mark")
  marker.append(element("span", "text", "new while you were away"))

  const place = (node) => {
    if (room === 0) {
      if (blocks.length > 0) full.push(blocks.at(-1))
      const block = element("div", "block")
      root.append(block)
      blocks.push(block)
      room = BLOCK
    }
    blocks.at(-1).append(node)
    room--
  }

  const append = (entry) => {
    const today = calendar.format(new Date(entry.at))
    if (today !== day) place(element("div", "entry day", today))
    day = today
    const node = entry.kind === "message" ? messageOf(entry) : noteOf(entry)
    if (entry.isOwn) {
      node.classList.add("pending")
      unsettled.set(entry.id, node)
    }
    place(node)
  }

  const settle = ({ id, state, why }) => {
    const node = unsettled.get(id)
    unsettled.delete(id)
    if (node === undefined) return
    node.classList.replace("pending", state)
    if (why !== "") node.append(element("span", "outcome", why))
  }

  const clear = () => {
    root.replaceChildren()
    blocks = []
    full = []
    room = 0
    day = ""
    unsettled.clear()
  }

  /**
   * Blocks that have become full keep their height when they are skipped. All heights are read before the first is
   * written.
   */
  const seal = () => {
    const heights = full.map((block) => block.offsetHeight)
    full.forEach((block, index) => {
      block.style.containIntrinsicBlockSize = `auto ${heights[index]}px`
      block.classList.add("full")
    })
    full = []
  }

  const trim = (isFollowing) => {
    const most = isFollowing ? BLOCKS : MOST_BLOCKS
    for (const block of blocks.splice(0, Math.max(0, blocks.length - most))) block.remove()
  }

  const toEnd = () => {
    root.scrollTop = root.scrollHeight
  }

  /** After a batch of changes. */
  const settleLayout = (isFollowing) => {
    seal()
    trim(isFollowing)
    if (isFollowing) toEnd()
  }

  return { append, settle, clear, settleLayout, toEnd, mark: () => place(marker) }
}

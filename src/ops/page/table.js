/** Rows of connections. A row stays the same element while its connection lasts, so that its button keeps the focus. */
import { make } from "./dom.js"
import { bytes, duration } from "./format.js"

/** Makes a function that shows these connections as the rows of `body`. `end` is called with the one whose button is used. */
export const rows = (body, end) => {
  const known = new Map()

  const add = (connection) => {
    const cells = {
      name: make("th", { scope: "row", text: connection.name ?? "–" }),
      time: make("td", { kind: "minor", title: `since ${new Date(connection.since).toLocaleString()}` }),
      peer: make("td", { kind: "peer minor" }),
      tls: make("td"),
      id: make("td", { kind: "number minor", text: String(connection.id) }),
      fd: make("td", { kind: "number minor", text: String(connection.fd) }),
      queued: make("td")
    }
    const button = make("button", { text: "End", type: "button", ariaLabel: `End connection ${connection.id}` })
    button.addEventListener("click", () => end(connection))
    const row = make("tr", {}, [...Object.values(cells), make("td", { kind: "deed" }, [button])])
    known.set(connection.id, { cells, row })
    return known.get(connection.id)
  }

  return (connections, now) => {
    const ids = new Set(connections.map(({ id }) => id))
    for (const [id, { row }] of known) {
      if (ids.has(id)) continue
      row.remove()
      known.delete(id)
    }
    for (const [index, connection] of connections.entries()) {
      const { cells, row } = known.get(connection.id) ?? add(connection)
      const { isSecure, peer, queued, since } = connection
      cells.time.textContent = duration(now - since)
      cells.peer.textContent = peer
      cells.name.dataset.peer = peer
      cells.tls.textContent = isSecure ? "yes" : "no"
      cells.tls.className = isSecure ? "secure" : ""
      cells.queued.textContent = bytes(queued)
      cells.queued.className = queued > 0 ? "number queued" : "number"
      if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null)
    }
  }
}

/** The nodes of a room over many machines: who is where, and how far this one is behind. */
import { byId, make } from "./dom.js"
import { number } from "./format.js"

/** A node is known by a random name, of which the beginning tells it from the others. */
const SHOWN = 8

const rowOf = ({ names, node, users }, index) =>
  make("tr", {}, [
    make("th", { scope: "row", title: node, text: `${node.slice(0, SHOWN)}${index === 0 ? " (this one)" : ""}` }),
    make("td", { kind: "number", text: number(users) }),
    make("td", {
      kind: "names",
      text: names.join(" ") + (users > names.length ? ` and ${number(users - names.length)} more` : "")
    })
  ])

/** Shows the room; nothing for one in the server's own process. */
export const showRoom = (room) => {
  byId("room").hidden = room === undefined
  if (room === undefined) return
  const { inbox, isUp, nodes, roundTrip } = room
  byId("engine").textContent = isUp
    ? `engine answers in ${number(roundTrip * 1000)} ms, entries to read: ${number(inbox)}`
    : "engine out of reach"
  byId("engine").classList.toggle("lost", !isUp)
  byId("nodes").replaceChildren(...nodes.map(rowOf))
}

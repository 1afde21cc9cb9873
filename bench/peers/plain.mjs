/** The plain peer: a common implementation of the protocol with node:net. Each reply and delivery is one socket.write. */
import { execute, LONGEST_LINE, serve } from "./protocol.mjs"

serve((client, socket) => {
  let unfinished = ""
  client.say = (text) => socket.write(`${text}\r\n`)
  socket.setEncoding("utf8")
  return (chunk) => {
    const lines = (unfinished + chunk).split("\n")
    unfinished = lines.pop().slice(0, LONGEST_LINE + 2)
    for (const line of lines) {
      if (!client.isOpen) return
      const text = line.endsWith("\r") ? line.slice(0, -1) : line
      if (text !== "") execute(client, text)
    }
  }
})

/** The ways into the server: lines over TCP or TLS, and the page's WebSocket over either. */
import { connect } from "node:net"
import { connect as connectTls } from "node:tls"
import { createWebSocketStream, WebSocket } from "ws"
import { HOST } from "../support/server.mjs"

export const WAYS = ["lines", "tls", "page", "securePage"]

/** Connects. The stream carries text; `wire` is the TCP socket below it, and `secure` the TLS socket between them, if any. */
export const open = (way, ports) => {
  const isSecure = way === "tls" || way === "securePage"
  const port = isSecure ? ports.tls : ports.lines
  const wire = connect({ host: HOST, port, noDelay: true })
  wire.on("error", () => {})
  const secure = isSecure ? connectTls({ socket: wire, rejectUnauthorized: false }) : undefined
  secure?.on("error", () => {})
  const below = secure ?? wire
  if (way === "lines" || way === "tls") return { stream: below, wire, secure }
  const socket = new WebSocket(`ws://localhost:${port}/ws`, {
    createConnection: () => below,
    origin: `http://localhost:${port}`,
    perMessageDeflate: false
  })
  // A text that is not decoded is sent as a text message.
  const stream = createWebSocketStream(socket, { decodeStrings: false })
  stream.once("end", () => stream.destroy())
  return { stream, wire, secure }
}

/** What a socket of Node's tells of itself. */
import type * as Net from "node:net"
import type { Peer } from "../net/Peer.ts"

/** The descriptor of a socket. Node keeps it to itself; it is there while the socket is open. */
export const descriptorOf = (socket: Net.Socket): number => {
  const handle: unknown = Reflect.get(socket, "_handle")
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined
  return typeof fd === "number" ? fd : -1
}

/** Where the other end of a socket is. */
export const peerOf = ({ remoteAddress = "?", remotePort = 0 }: Net.Socket): Peer => ({
  // Who speaks IPv4 to a socket of IPv6 (one that was passed, say) has an IPv4 address all the same.
  address: remoteAddress.replace(/^::ffff:(?=\d+\.)/, ""),
  port: remotePort
})

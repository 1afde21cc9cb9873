/** Descriptor and peer address of a Node socket. */
import type * as Net from "node:net"
import type { Peer } from "../net/Peer.ts"

/** The file descriptor of an open socket, from Node's undocumented `_handle`; -1 after the socket has closed. */
export const descriptorOf = (socket: Net.Socket): number => {
  const handle: unknown = Reflect.get(socket, "_handle")
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined
  return typeof fd === "number" ? fd : -1
}

/** The address of the other end; undefined if the connection was reset before it was accepted. */
export const peerOf = ({ remoteAddress, remotePort }: Net.Socket): Peer | undefined => {
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  // A dual-stack IPv6 socket (one that was passed, say) reports an IPv4 client as ::ffff:a.b.c.d.
  return { address: remoteAddress.replace(/^::ffff:(?=\d+\.)/, ""), port: remotePort }
}

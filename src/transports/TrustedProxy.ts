/** The PROXY protocol on a socket: who the client of a trusted proxy is. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import { type BadProxyHeader, badProxyHeader } from "../connection/Connection.ts"
import type { Peer } from "../net/Peer.ts"
import { ProxyHeader } from "../net/ProxyHeader.ts"
import type { Deadlines } from "../server/Deadlines.ts"

/** Those who have to have read a header: what each does when it is too late. */
export type Patience = Deadlines<() => void>

/** Whether the peer may say for whom it speaks. One who has gone already has no address. */
export const isTrusted = (trusted: Net.BlockList, { address }: Peer): boolean => {
  const bare = address.replace(/%.*$/, "")
  return Net.isIP(bare) !== 0 && trusted.check(bare, Net.isIPv6(bare) ? "ipv6" : "ipv4")
}

/** Reads the header and leaves what follows it in the socket. Gives the client, which is the proxy if it says no other. */
export const read = (socket: Net.Socket, proxy: Peer, patience: Patience): Effect.Effect<Peer, BadProxyHeader> =>
  Effect.async((resume) => {
    const header = new ProxyHeader()
    const stop = () => {
      patience.stop(fail)
      socket.off("data", onData).off("end", fail).pause()
    }
    const fail = () => {
      stop()
      resume(badProxyHeader)
    }
    const onData = (chunk: Uint8Array) => {
      const read = header.push(chunk)
      if (read._tag === "Incomplete") return
      if (read._tag === "Bad") return fail()
      stop()
      if (read.rest.length > 0) socket.unshift(read.rest)
      resume(Effect.succeed(read.peer ?? proxy))
    }
    patience.start(fail)
    socket.on("data", onData).on("end", fail)
    return Effect.sync(stop)
  })

/** The PROXY header on a socket: the address of a trusted proxy's client. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import { type BadProxyHeader, badProxyHeader } from "../connection/DisconnectReason.ts"
import type { Peer } from "../net/Peer.ts"
import { ProxyHeader } from "../net/ProxyHeader.ts"
import * as Deadlines from "../server/Deadlines.ts"

/** Headers that are awaited: what to do when one is late. */
export type HeaderDeadlines = Deadlines.Deadlines<() => void>

/** Whether the peer may say which client it speaks for. */
export const isTrusted = (trusted: Net.BlockList, { address }: Peer): boolean => {
  const bare = address.replace(/%.*$/, "")
  return Net.isIP(bare) !== 0 && trusted.check(bare, Net.isIPv6(bare) ? "ipv6" : "ipv4")
}

/** Reads the header and leaves what follows it in the socket. Gives the client, which is the proxy if it names no other. */
export const read = (
  socket: Net.Socket,
  proxy: Peer,
  deadlines: HeaderDeadlines
): Effect.Effect<Peer, BadProxyHeader> =>
  Effect.async((resume) => {
    const header = new ProxyHeader()
    const stop = () => {
      deadline.unlink()
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
    const deadline = new Deadlines.Deadline(fail)
    deadlines.start(deadline)
    socket.on("data", onData).on("end", fail)
    return Effect.sync(stop)
  })

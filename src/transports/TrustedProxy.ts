/** Reads the PROXY header of a trusted proxy from a socket. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import { type BadProxyHeader, badProxyHeader, type EndOfInput, endOfInput } from "../connection/DisconnectReason.ts"
import type { Peer } from "../net/Peer.ts"
import { ProxyHeader } from "../net/ProxyHeader.ts"
import * as Deadlines from "../server/Deadlines.ts"

/** Deadlines of awaited headers. The value of each is its failure callback. */
export type HeaderDeadlines = Deadlines.Deadlines<() => void>

/** Whether the peer is a trusted proxy. */
export const isTrusted = (trusted: Net.BlockList, { address }: Peer): boolean => {
  const bare = address.replace(/%.*$/, "")
  return Net.isIP(bare) !== 0 && trusted.check(bare, Net.isIPv6(bare) ? "ipv6" : "ipv4")
}

/**
 * Reads the header, and leaves the bytes after it in the socket. Gives the client, or the proxy if it names none. A proxy that
 * only looks whether the port is open sends nothing, and is no trouble.
 */
export const read = (
  socket: Net.Socket,
  proxy: Peer,
  deadlines: HeaderDeadlines
): Effect.Effect<Peer, BadProxyHeader | EndOfInput> =>
  Effect.async((resume) => {
    const header = new ProxyHeader()
    const stop = () => {
      deadline.unlink()
      socket.off("data", onData).off("end", onEnd).pause()
    }
    const onEnd = () => {
      stop()
      resume(socket.bytesRead === 0 ? endOfInput : badProxyHeader)
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
      socket.unshift(read.rest)
      resume(Effect.succeed(read.peer ?? proxy))
    }
    const deadline = new Deadlines.Deadline(fail)
    deadlines.start(deadline)
    socket.on("data", onData).on("end", onEnd)
    return Effect.sync(stop)
  })

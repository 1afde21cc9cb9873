/** Disconnects clients that have vanished while something was on its way to them. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { peerVanished } from "../connection/DisconnectReason.ts"
import { LOST_PEER_PATIENCE, LOST_PEER_PERIOD } from "../Limits.ts"
import { OpenConnections } from "./OpenConnections.ts"

/** State of a socket that has sent something again and waits for its acknowledgement. */
export interface Retransmission {
  /** Retransmissions since the last acknowledgement. */
  readonly count: number
  /** Bytes that have not been acknowledged. */
  readonly unacknowledged: number
}

/** The TCP sockets of the operating system, by inode. */
export interface Sockets {
  /** The sockets whose retransmission timer runs after at least one retransmission. */
  readonly retransmitting: Effect.Effect<ReadonlyMap<number, Retransmission>>
  /** The inode of an open descriptor. */
  readonly inodeOf: (fd: number) => number | undefined
}

/** A retransmitting socket, as the sweeps have seen it since its last acknowledgement. */
export interface Suspect extends Retransmission {
  /** Sweeps since the first that saw it. */
  readonly sweeps: number
  /** Sweeps since the last that found a higher count. */
  readonly unchanged: number
  readonly isLost: boolean
}

/**
 * Compares a socket with the sweep before. It is lost after `patience` sweeps, none of which saw an acknowledgement: fewer
 * bytes or a lower count are one.
 *
 * The count must also have grown in the second half of that time. A living peer whose receive buffer has shrunk answers each
 * retransmission with a window of zero; the kernel then leaves the timer and the count as they are. As the kernel doubles
 * the interval each time, the count of a vanished peer does grow: it is found 60 to 75 seconds after the message.
 */
export const observe = (now: Retransmission, before: Suspect | undefined, patience: number): Suspect => {
  if (before === undefined || now.count < before.count || now.unacknowledged < before.unacknowledged) {
    return { ...now, sweeps: 0, unchanged: 0, isLost: false }
  }
  const sweeps = before.sweeps + 1
  const unchanged = now.count > before.count ? 0 : before.unchanged + 1
  return { ...now, sweeps, unchanged, isLost: before.isLost || (sweeps >= patience && unchanged <= patience / 2) }
}

type Suspects = ReadonlyMap<number, Suspect>

const none: Suspects = new Map()

export interface Options {
  /** Time between sweeps. */
  readonly period?: Duration.Duration
  /** Time for which each sweep must see a socket retransmit. */
  readonly patience?: Duration.Duration
}

/**
 * One sweep for all connections, for as long as the layer is held. TCP keep-alive finds a vanished peer only if nothing was
 * sent to it, and the kernel retransmits for 15 minutes. The table has all sockets of the network namespace, by inode: the inodes
 * of the connections are looked up only when a socket is lost, once.
 */
export const layer = (
  sockets: Sockets,
  { period = LOST_PEER_PERIOD, patience = LOST_PEER_PATIENCE }: Options = {}
): Layer.Layer<never, never, OpenConnections> => {
  // Sweeps are counted, not time: after a pause of the whole machine, peers first get the chance to answer.
  const sweeps = Math.ceil(Duration.toMillis(patience) / Duration.toMillis(period))

  const sweep = (connections: OpenConnections["Type"], before: Suspects): Effect.Effect<Suspects> => {
    if (connections.size === 0) return Effect.succeed(none)
    return Effect.map(sockets.retransmitting, (retransmitting) => {
      const suspects = new Map<number, Suspect>()
      const lost = new Set<number>()
      for (const [inode, now] of retransmitting) {
        const suspect = observe(now, before.get(inode), sweeps)
        suspects.set(inode, suspect)
        if (suspect.isLost && before.get(inode)?.isLost === false) lost.add(inode)
      }
      if (lost.size > 0) disconnect(connections, lost)
      return suspects
    })
  }

  const disconnect = ({ sessions }: OpenConnections["Type"], lost: ReadonlySet<number>): void => {
    // Disconnecting can change the list, so it comes after the iteration.
    const vanished = [...sessions].filter(({ fd }) => lost.has(sockets.inodeOf(fd) ?? -1))
    for (const { connection } of vanished) connection.disconnect(peerVanished)
  }

  return Layer.scopedDiscard(
    Effect.flatMap(OpenConnections, (connections) =>
      Effect.iterate(none, {
        while: () => true,
        body: (suspects) =>
          Effect.delay(
            Effect.suspend(() => sweep(connections, suspects)),
            period
          )
      }).pipe(Effect.forkScoped)
    )
  )
}

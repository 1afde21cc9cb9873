/** Who may come in: counts the connections that are open, in all and from each address. */
import type * as Context from "effect/Context"
import type { Connection } from "../connection/Connection.ts"
import { type Limits, REFUSALS, RESERVED_FILES, SPARE_FILES } from "../Limits.ts"
import { isLoopback, network } from "../net/IpAddress.ts"
import type { StatusLog } from "../status/StatusLog.ts"

/** What becomes of a newcomer: it stays, it is told that there are too many, or it is told and cut off in one go. */
export type Verdict = "admitted" | "refused" | "cut"

/** The part of the connections that must have gone before descriptors being used up is news again. */
const RELIEF = 0.1

/** The doorkeeper of one server. */
export class Admission {
  private readonly limits: Context.Tag.Service<Limits>
  private readonly log: Context.Tag.Service<StatusLog>
  /** Those who are served, and what the address of each counts as, if it does. */
  private readonly admitted = new Map<Connection, string | undefined>()
  private readonly perNetwork = new Map<string, number>()
  /** Those who are being told that there are too many. */
  private readonly refused = new Set<Connection>()
  /** How many were served when descriptors were used up. */
  private fullAt: number | undefined

  constructor(limits: Context.Tag.Service<Limits>, log: Context.Tag.Service<StatusLog>) {
    this.limits = limits
    this.log = log
  }

  /** Counts a newcomer, of whom no more than its descriptor need be known, until it `leave`s. */
  enter(connection: Connection): Verdict {
    if (!this.hasRoom(connection)) return this.refuse(connection)
    this.admitted.set(connection, undefined)
    return "admitted"
  }

  /** Counts one who was admitted under its address, once that is known. */
  introduce(connection: Connection): Verdict {
    const { address } = connection.peer
    if (isLoopback(address)) return "admitted"
    const counted = network(address)
    const count = this.perNetwork.get(counted) ?? 0
    if (count >= this.limits.current.maxPerAddress) {
      this.admitted.delete(connection)
      return this.refuse(connection)
    }
    this.admitted.set(connection, counted)
    this.perNetwork.set(counted, count + 1)
    return "admitted"
  }

  private refuse(connection: Connection): Verdict {
    if (this.refused.size >= REFUSALS || connection.fd >= this.limits.current.openFiles - RESERVED_FILES) return "cut"
    this.refused.add(connection)
    return "refused"
  }

  /** The connection has given up its descriptor. */
  leave(connection: Connection): void {
    this.refused.delete(connection)
    const counted = this.admitted.get(connection)
    if (!this.admitted.delete(connection)) return
    if (counted !== undefined) {
      const count = this.perNetwork.get(counted) ?? 0
      if (count > 1) this.perNetwork.set(counted, count - 1)
      else this.perNetwork.delete(counted)
    }
    if (this.fullAt !== undefined && this.admitted.size <= this.fullAt * (1 - RELIEF)) this.fullAt = undefined
  }

  private hasRoom({ fd }: Connection): boolean {
    const { maxConnections, openFiles } = this.limits.current
    // The system gives the lowest descriptor that is free: one near the limit means that nearly all are in use.
    if (fd >= openFiles - SPARE_FILES) {
      if (this.fullAt === undefined) this.log.record([{ event: "openFilesUsedUp", limit: openFiles }])
      this.fullAt ??= this.admitted.size
      return false
    }
    return this.admitted.size < maxConnections
  }
}

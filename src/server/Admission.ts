/** Admission of new connections: counts those that are open, in all and from each address. */
import type * as Context from "effect/Context"
import { type Limits, REFUSALS, reservedFiles, spareFiles } from "../Limits.ts"
import { isLoopback, network } from "../net/IpAddress.ts"
import type { StatusLog } from "../status/StatusLog.ts"

/** The connection is served, or told that there are too many, or told and cut off without waiting for it to read that. */
export type Verdict = "admitted" | "refused" | "cut"

/** The place of one connection in the counts, until it leaves. */
export interface Admittance {
  /** Until it is counted, "cut". */
  verdict: Verdict
  /** The network under which it counts; absent for loopback, and until its address is known. */
  network: string | undefined
}

/** The share of the connections that must have gone before used up descriptors are reported again. */
const RELIEF = 0.1

/** The admission of one server. */
export class Admission {
  private readonly limits: Context.Tag.Service<Limits>
  private readonly log: Context.Tag.Service<StatusLog>
  private readonly perNetwork = new Map<string, number>()
  private admitted = 0
  private refused = 0
  /** Connections that were served when descriptors were used up. */
  private fullAt: number | undefined

  constructor(limits: Context.Tag.Service<Limits>, log: Context.Tag.Service<StatusLog>) {
    this.limits = limits
    this.log = log
  }

  /** Counts a new connection, of which no more than its descriptor need be known. */
  enter(admittance: Admittance, fd: number): void {
    if (this.hasRoom(fd)) {
      admittance.verdict = "admitted"
      this.admitted++
    } else this.refuse(admittance, fd)
  }

  /** Counts an admitted connection under its address, once that is known. */
  enterFrom(address: string, admittance: Admittance, fd: number): void {
    if (admittance.verdict !== "admitted" || isLoopback(address)) return
    const counted = network(address)
    const count = this.perNetwork.get(counted) ?? 0
    if (count >= this.limits.current.maxPerAddress) {
      this.admitted--
      this.refuse(admittance, fd)
    } else {
      admittance.network = counted
      this.perNetwork.set(counted, count + 1)
    }
  }

  /** The connection has given up its descriptor. */
  leave({ network, verdict }: Admittance): void {
    if (verdict === "refused") this.refused--
    if (verdict !== "admitted") return
    this.admitted--
    if (network !== undefined) {
      const count = this.perNetwork.get(network) ?? 0
      if (count > 1) this.perNetwork.set(network, count - 1)
      else this.perNetwork.delete(network)
    }
    if (this.fullAt !== undefined && this.admitted <= this.fullAt * (1 - RELIEF)) this.fullAt = undefined
  }

  private refuse(admittance: Admittance, fd: number): void {
    const { openFiles } = this.limits.current
    const mayWait = this.refused < REFUSALS && fd < openFiles - reservedFiles(openFiles)
    admittance.verdict = mayWait ? "refused" : "cut"
    if (mayWait) this.refused++
  }

  private hasRoom(fd: number): boolean {
    const { maxConnections, openFiles } = this.limits.current
    // The kernel gives the lowest free descriptor: one near the limit means that nearly all are in use.
    if (fd >= openFiles - spareFiles(openFiles)) {
      if (this.fullAt === undefined) this.log.record([{ event: "openFilesUsedUp", limit: openFiles }])
      this.fullAt ??= this.admitted
      return false
    }
    return this.admitted < maxConnections
  }
}

/** Linux's table of TCP sockets: the connections of this process whose peer acknowledges nothing. */
import * as Fs from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Retransmissions } from "../server/LostPeers.ts"

// Not /proc/net, which is another process's and may be hidden.
const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"]
const DESCRIPTORS = "/proc/self/fd"

/** `01` is the retransmission timer; the number after its time is that of retransmissions, in hexadecimal. */
const retransmitting = / 01:[0-9A-F]{8} (?!00000000)[0-9A-F]{8} +\d+ +\d+ (\d+) /g

/** Inodes of the sockets in a table whose retransmission timer runs and that have retransmitted. */
export const retransmittingInodes = (table: string): ReadonlyArray<string> =>
  [...table.matchAll(retransmitting)].map(([, inode]) => inode ?? "")

/** The descriptors of sockets with these inodes. */
const descriptorsOf = async (inodes: ReadonlySet<string>): Promise<ReadonlySet<number>> => {
  const found = new Set<number>()
  if (inodes.size === 0) return found
  for (const name of await Fs.readdir(DESCRIPTORS)) {
    // A descriptor may have been closed meanwhile.
    const target = await Fs.readlink(`${DESCRIPTORS}/${name}`).catch(() => "")
    if (inodes.has(target.replace(/^socket:\[(\d+)\]$/, "$1"))) found.add(Number(name))
  }
  return found
}

/** Where there is no such table, nothing is found. */
export const layer: Layer.Layer<Retransmissions> = Layer.succeed(Retransmissions, {
  descriptors: Effect.tryPromise(async () => {
    const tables = await Promise.all(TABLES.map((path) => Fs.readFile(path, "latin1").catch(() => "")))
    return descriptorsOf(new Set(tables.flatMap(retransmittingInodes)))
  }).pipe(Effect.orElseSucceed(() => new Set<number>()))
})

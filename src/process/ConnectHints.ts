/** Commands that connect to an address of the relay, for a person at a terminal. */
import * as Os from "node:os"
import type { Address } from "../connection/Listener.ts"

/** Every address of this machine; none if the system denies the list. */
const interfaces = (): ReadonlyArray<Os.NetworkInterfaceInfo> => {
  try {
    return Object.values(Os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  } catch {
    return []
  }
}

/** The addresses that reach a listener on `host`, without link-local ones, which need a zone. */
const reachable = (host: string): ReadonlyArray<string> => {
  if (host !== "0.0.0.0" && host !== "::") return [host]
  const family = host === "::" ? "IPv6" : "IPv4"
  return interfaces()
    .filter((address) => address.family === family && !address.address.startsWith("fe80:"))
    .map(({ address }) => address)
}

/** Commands for one address, of which only openssl needs brackets around one of IPv6, and the page for a browser. */
const hintsFor = (address: string, port: number, secure: boolean, hasPage: boolean): ReadonlyArray<string> => {
  const bracketed = address.includes(":") ? `[${address}]` : address
  const page = `${secure ? "https" : "http"}://${address === "127.0.0.1" ? "localhost" : bracketed}:${port}`
  const commands = secure
    ? [`openssl s_client -connect ${bracketed}:${port} -quiet`, `ncat --ssl ${address} ${port}`]
    : [`telnet ${address} ${port}`, `nc ${address} ${port}`]
  return hasPage ? [...commands, page] : commands
}

/** Rows with columns of one width, as narrow as can be: most of them fit a terminal of 80 columns. */
const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.map((row) =>
    row
      .map((hint, column) => hint.padEnd(Math.max(...rows.map((other) => other[column]?.length ?? 0))))
      .join(" or ")
      .trimEnd()
  )

/** One line for each address, with a telnet and a nc command and the page. The longer commands for TLS take a line each. */
export const commands = ({ host, port, secure = false }: Address, hasPage: boolean): string => {
  const hints = reachable(host).map((address) => hintsFor(address, port, secure, hasPage))
  return (secure ? hints.flat() : aligned(hints)).map((line) => `    ${line}\n`).join("")
}

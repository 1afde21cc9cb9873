/** How a person on this or another machine reaches an address that is listened on. */
import * as Os from "node:os"
import type { Address } from "../server/Listener.ts"

/** Every address of this machine; none where the system does not tell. */
const interfaces = (): ReadonlyArray<Os.NetworkInterfaceInfo> => {
  try {
    return Object.values(Os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  } catch {
    return []
  }
}

/** The addresses of this machine that a listener on `host` answers at. Link-local ones are left out: they need a zone. */
const reachable = (host: string): ReadonlyArray<string> => {
  if (host !== "0.0.0.0" && host !== "::") return [host]
  const family = host === "::" ? "IPv6" : "IPv4"
  return interfaces()
    .filter((address) => address.family === family && !address.address.startsWith("fe80:"))
    .map(({ address }) => address)
}

/** One line for each way in: the telnet and the nc command, ready to be typed. */
export const commands = ({ host, port }: Address): string =>
  reachable(host)
    .map((address) => `    ${`telnet ${address} ${port}`.padEnd(32)} or  nc ${address} ${port}\n`)
    .join("")

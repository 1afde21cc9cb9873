/** How a person on this or another machine reaches an address that is listened on. */
import * as Os from "node:os"
import type { Address } from "../connection/Listener.ts"

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

/** The commands that reach an address over TLS need brackets around one of IPv6, the others must have none. */
const ways = (address: string, port: number, secure: boolean): readonly [string, string] =>
  secure
    ? [
        `openssl s_client -connect ${address.includes(":") ? `[${address}]` : address}:${port} -quiet`,
        `ncat --ssl ${address} ${port}`
      ]
    : [`telnet ${address} ${port}`, `nc ${address} ${port}`]

/** One line for each address: the telnet and the nc command, ready to be typed. Those for TLS are longer: a line each. */
export const commands = ({ host, port, secure = false }: Address): string =>
  reachable(host)
    .map((address) => ways(address, port, secure))
    .map(([one, other]) => (secure ? `    ${one}\n    ${other}\n` : `    ${one.padEnd(32)} or  ${other}\n`))
    .join("")

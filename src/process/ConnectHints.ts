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

/** Two commands for one address. Only openssl needs brackets around an IPv6 address. */
const commandsFor = (address: string, port: number, secure: boolean): readonly [string, string] =>
  secure
    ? [
        `openssl s_client -connect ${address.includes(":") ? `[${address}]` : address}:${port} -quiet`,
        `ncat --ssl ${address} ${port}`
      ]
    : [`telnet ${address} ${port}`, `nc ${address} ${port}`]

/** One line for each address, with the telnet and the nc command. The longer commands for TLS take a line each. */
export const commands = ({ host, port, secure = false }: Address): string =>
  reachable(host)
    .map((address) => commandsFor(address, port, secure))
    .map(([one, other]) => (secure ? `    ${one}\n    ${other}\n` : `    ${one.padEnd(32)} or  ${other}\n`))
    .join("")

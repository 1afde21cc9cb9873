/** Hosts and origins that a browser may name. */
import * as IpAddress from "./IpAddress.ts"

/** Host and port as an HTTP client names them: `localhost:8001`, `[::1]:8001`, `chat.example.org`. */
export interface Authority {
  /** In small letters, without brackets and without a final dot. */
  readonly name: string
  /** Empty where it is the port of a scheme: 80 and 443 count as absent. */
  readonly port: string
}

/** undefined when the text is no authority. */
export const parse = (text: string): Authority | undefined => {
  const [, address, host, port = ""] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const name = (address ?? host)?.toLowerCase().replace(/\.$/, "")
  if (name === undefined || (address !== undefined && IpAddress.parse(address)?.length !== 16)) return undefined
  return { name, port: port === "80" || port === "443" ? "" : port }
}

/** An origin as it is compared: in small letters, without the port of its scheme. undefined when the text is no origin. */
export const origin = (text: string): string | undefined => {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\s]+)$/.exec(text.toLowerCase()) ?? []
  if (scheme === undefined || rest === undefined) return undefined
  const usual: { readonly [scheme: string]: string } = { http: ":80", https: ":443" }
  const port = usual[scheme] ?? ""
  return `${scheme}://${port !== "" && rest.endsWith(port) ? rest.slice(0, -port.length) : rest}`
}

/** Whether a pattern of a certificate (`*` may stand for its first label) or a plain name is this name. */
const isNamedBy = (name: string, pattern: string): boolean => {
  const known = pattern.toLowerCase().replace(/\.$/, "")
  return known.startsWith("*.") ? name.replace(/^[^.]+/, "*") === known : name === known
}

/**
 * Whether the host is this server's: any other is that of a page of somebody else, who let its name lead to this machine
 * (DNS rebinding), and a browser would let that page read and speak.
 */
export const isAllowedHost = ({ name }: Authority, names: ReadonlyArray<string>): boolean =>
  name === "localhost" || IpAddress.parse(name) !== undefined || names.some((known) => isNamedBy(name, known))

/** Whether pages of this origin may connect: those of this server itself, and those that were allowed. */
export const isAllowedOrigin = (text: string, host: Authority, allowed: ReadonlyArray<string>): boolean => {
  const named = origin(text)
  if (named === undefined) return false
  const from = parse(named.replace(/^[^/]*\/\//, ""))
  const isOwn = from !== undefined && from.name === host.name && from.port === host.port
  return isOwn || allowed.some((known) => origin(known) === named)
}

/** Where a client connects to, and as whom: `[name@]host[:port]`. */
import * as Either from "effect/Either"
import * as IpAddress from "../net/IpAddress.ts"
import { isUsername } from "../protocol/Username.ts"

export interface Target {
  /** Absent if none was given. */
  readonly name: string | undefined
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

export const PORT = 8001
export const TLS_PORT = 6697

const FORM = "[name@]host[:port], an IPv6 address in brackets: [::1]:8001"

const wrong = (text: string, why: string) => Either.left(`${JSON.stringify(text)} is not a target: ${why}`)

/** Reads a target, or says what is wrong with it. With TLS, another port is the default. */
export const parse = (text: string, { tls }: { readonly tls: boolean }): Either.Either<Target, string> => {
  const at = text.indexOf("@")
  const name = at < 0 ? undefined : text.slice(0, at)
  if (name !== undefined && !isUsername(name)) return wrong(text, "a name is 1 to 32 letters and digits")
  if (text.includes("://")) return wrong(text, `write ${FORM}`)
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]*)\]|([^\s:/@[\]\u0000-\u001f\u007f]+))(?::(.*))?$/.exec(text.slice(at + 1)) ?? []
  if (bracketed !== undefined && !bracketed.includes(":")) return wrong(text, `write ${FORM}`)
  if (bracketed !== undefined && IpAddress.parse(bracketed.replace(/%.+$/, "")) === undefined) {
    return wrong(text, "what is in the brackets is not an IPv6 address")
  }
  const host = bracketed ?? plain
  if (host === undefined) return wrong(text, `write ${FORM}`)
  if (digits !== undefined && !(/^\d{1,5}$/.test(digits) && Number(digits) > 0 && Number(digits) <= 65535)) {
    return wrong(text, "a port is a whole number from 1 to 65535")
  }
  const port = digits === undefined ? (tls ? TLS_PORT : PORT) : Number(digits)
  return Either.right({ name, host, port })
}

/** `host:port`, with brackets around an IPv6 address. */
export const written = ({ host, port }: Pick<Target, "host" | "port">): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

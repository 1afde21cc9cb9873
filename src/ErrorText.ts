/** Operating system errors in words. */

/** The code of an error (EADDRINUSE); UNKNOWN if it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN"

type Reasons = { readonly [code: string]: string }

const listenReasons: Reasons = {
  EADDRINUSE: "the port is in use",
  EACCES: "that port needs a privilege which this process does not have",
  EADDRNOTAVAIL: "this machine does not have that address",
  EAFNOSUPPORT: "this machine does not have that kind of address",
  ENOTFOUND: "there is no such host",
  EINVAL: "that is not an address of this machine",
  EAI_AGAIN: "the name could not be looked up"
}

const readReasons: Reasons = {
  ENOENT: "there is no such file",
  EACCES: "this process may not read it",
  EISDIR: "it is a folder"
}

const connectReasons: Reasons = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name could not be looked up",
  ETIMEDOUT: "there was no answer in time"
}

/** The reason why a server cannot be reached, followed by its code. */
export const connectReason = (code: string): string => `${connectReasons[code] ?? "it cannot be reached"} (${code})`

/** The reason why an address cannot be listened on, followed by its code. */
export const listenReason = (code: string): string => `${listenReasons[code] ?? code} (${code})`

/** The reason why a file cannot be read, followed by its code. */
export const readReason = (code: string): string => `${readReasons[code] ?? "it cannot be read"} (${code})`

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
  ECONNRESET: "the other end reset the connection",
  EPIPE: "the other end closed the connection",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name could not be looked up",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "there is no way to that machine",
  ENETUNREACH: "there is no way to that network",
  EACCES: "this process may not connect there",
  ERR_SSL_WRONG_VERSION_NUMBER: "that port does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "that port does not speak TLS",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not signed by a known authority",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not signed by a known authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is not signed by a known authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not signed by a known authority"
}

const writeReasons: Reasons = {
  ENOSPC: "there is no space left",
  EIO: "the device failed",
  EBADF: "it is closed"
}

/** The reason why an address cannot be listened on, followed by its code. */
export const listenReason = (code: string): string => `${listenReasons[code] ?? code} (${code})`

/** The reason why a file cannot be read, followed by its code. */
export const readReason = (code: string): string => `${readReasons[code] ?? "it cannot be read"} (${code})`

/** The reason why a connection cannot be made, or was lost, followed by its code. */
export const connectReason = (code: string): string => `${connectReasons[code] ?? "it failed"} (${code})`

/** The reason why something cannot be written, followed by its code. */
export const writeReason = (code: string): string => `${writeReasons[code] ?? "it failed"} (${code})`

/** Address and port of the other end of a connection. */
export interface Peer {
  /** An IPv4 or IPv6 address in canonical text (RFC 5952). */
  readonly address: string
  readonly port: number
}

/** The peer of a connection that was reset before it was accepted: the system no longer has its address. */
export const unknown: Peer = { address: "unknown", port: 0 }

/** `address:port`, with brackets around an IPv6 address. */
export const written = ({ address, port }: Peer): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`

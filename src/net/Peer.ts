/** Address and port of the other end of a connection. */
export interface Peer {
  /** An IPv4 or IPv6 address in canonical text (RFC 5952). */
  readonly address: string
  readonly port: number
}

/** `address:port`, with brackets around an IPv6 address. */
export const written = ({ address, port }: Peer): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`

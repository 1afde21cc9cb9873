/** Where a client is. */

/** The other end of a connection. */
export interface Peer {
  /** An IPv4 or IPv6 address in its usual form. */
  readonly address: string
  readonly port: number
}

/** Address and port, as the log has them. */
export const written = ({ address, port }: Peer): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`

/** A client's connection, as a transport hands it over. */
import type { Duplex } from "node:stream"
import type * as Effect from "effect/Effect"
import type { Peer } from "../net/Peer.ts"
import type { DisconnectReason } from "./DisconnectReason.ts"
import type { Outbox } from "./Outbox.ts"

export interface Connection {
  /** The socket's file descriptor, read when the connection was accepted. */
  readonly fd: number
  /** The client's address; until a trusted proxy has named the client, the proxy's. */
  readonly peer: Peer
  /** The bounded way out. What it holds goes to the client. */
  readonly outbox: Outbox
  /**
   * Reads who the client is, where a trusted proxy has to say so. Until this and the handshake are done nothing is sent, and
   * a connection that is closed before is closed without a word. Absent when the peer is the client.
   */
  readonly proxyHeader: Effect.Effect<void, DisconnectReason> | undefined
  /** The TLS handshake, after the header and before the client can send or be sent anything. Absent where no TLS is expected. */
  readonly handshake: Effect.Effect<void, DisconnectReason> | undefined
  /** Whether the client is spoken with inside TLS. */
  readonly isSecure: boolean
  /**
   * Goes on inside TLS with a client that began with a TLS hello, of which `begun` has been read. Absent where TLS is not served,
   * or spoken already.
   */
  readonly startTls?: ((begun: Uint8Array) => Effect.Effect<void, DisconnectReason>) | undefined
  /**
   * Goes on with a stream of messages on top of the connection's: what is written to it are whole lines. `make` gets the paused
   * stream, and what has been read from it and not been used: `begun`, and what has come since. Absent where there is no socket.
   */
  readonly carry?: (
    begun: Uint8Array,
    make: (wire: Duplex, begun: Uint8Array) => Duplex | undefined
  ) => Effect.Effect<void, DisconnectReason>
  /** Waits for the next chunk. A chunk that is not asked for stays in the kernel, and its sender waits. */
  readonly read: Effect.Effect<Uint8Array, DisconnectReason>
  /** Fails with the same reason as `read`, without reading: to race a wait with. */
  readonly disconnected: Effect.Effect<never, DisconnectReason>
  /** Whether the client has not sent a byte yet; a PROXY header is none. */
  readonly isSilent: boolean
  /** Whether `disconnected` fails already. */
  readonly isDisconnected: boolean
  /** Lets a `read` that waits succeed with an empty chunk. */
  readonly nudge: () => void
  /** Ends the reading with this reason; the first one counts. */
  readonly disconnect: (reason: DisconnectReason) => void
  /**
   * Sends what the outbox holds, which has to be closed before, then the end of output, and calls `sent` when the kernel has
   * all of it; drops what the client still sends until it closes its end. Succeeds when the descriptor is given up.
   */
  readonly close: (sent: () => void) => Effect.Effect<void>
  /** Gives up the descriptor at once. Of what was not sent, it sends what the kernel takes without waiting. */
  readonly destroy: () => void
}

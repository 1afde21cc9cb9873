/** The source of connections. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { listenReason } from "../ErrorText.ts"
import type { Connection } from "./Connection.ts"

export interface Address {
  readonly host: string
  readonly port: number
  /** Whether the port speaks TLS. */
  readonly secure?: boolean
}

/**
 * Listening failed, on the address or on the socket passed as descriptor `fd`. `code` is the operating system's name of
 * the error (EADDRINUSE).
 */
export class BindError extends Data.TaggedError("BindError")<
  Address & { readonly fd?: number; readonly code: string }
> {
  override get message(): string {
    const { code, fd, host, port } = this
    return fd === undefined
      ? `cannot listen on ${host} port ${port}: ${listenReason(code)}`
      : `cannot serve what was passed as descriptor ${fd}: it is not a TCP socket that listens (${code})`
  }
}

export class Listener extends Context.Tag("partyline/Listener")<
  Listener,
  {
    /** The addresses it listens on, with their actual ports. */
    readonly addresses: ReadonlyArray<Address>
    /** The names on the certificate in force; absent where TLS is not served. */
    readonly certificateNames?: (() => ReadonlyArray<string>) | undefined
    /** Passes each connection to `handler`, until the scope ends and the listener closes. */
    readonly accept: (handler: (connection: Connection) => void) => Effect.Effect<void, never, Scope.Scope>
  }
>() {}

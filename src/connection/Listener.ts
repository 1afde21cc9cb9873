/** Where clients come from. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { listenReason } from "../ErrorText.ts"
import type { Connection } from "./Connection.ts"

export interface Address {
  readonly host: string
  readonly port: number
  /** TLS is spoken there. */
  readonly secure?: boolean
}

/**
 * The address, or the socket that was passed as descriptor `fd`, cannot be listened on; `code` is the operating system's
 * name for why (EADDRINUSE).
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
    /** Where it listens, the port being the real one. */
    readonly addresses: ReadonlyArray<Address>
    /** Hands over each connection from now on, until the scope ends; then no more are accepted. */
    readonly accept: (handler: (connection: Connection) => void) => Effect.Effect<void, never, Scope.Scope>
  }
>() {}

/** HTTP on the port of the lines: answered here, or carried on as a WebSocket. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Connection } from "../connection/Connection.ts"
import { type DisconnectReason, HttpRequest } from "../connection/DisconnectReason.ts"
import { refusal, type Status } from "../protocol/HttpResponse.ts"

/** A request whose head has come. */
export interface Request {
  /** The head, with the empty line that ends it. */
  readonly head: Uint8Array
  /** The bytes behind the head. */
  readonly rest: Uint8Array
  readonly isHead: boolean
}

/** How a head can fail to come as it should: cut short, not in time, or too long. */
export type Incomplete = Extract<Status, 400 | 408 | 431>

interface Service {
  /**
   * Answers a request. Fails with the answer, or succeeds when the connection carries WebSocket: from then on its client
   * sends and is sent lines.
   */
  readonly serve: (connection: Connection, request: Request) => Effect.Effect<void, DisconnectReason>
  /** The answer to a request whose head has not come. */
  readonly refuse: (status: Incomplete, isHead: boolean) => HttpRequest
}

const incomplete: { readonly [S in Incomplete]: string } = {
  400: "The request was cut short.",
  408: "The request took too long.",
  431: "The head of the request is too long."
}

const nothing = (status: 404 | 431, isHead: boolean) =>
  new HttpRequest({ response: refusal(status, "This is a chat relay for telnet and nc, and has no page.", isHead) })

/** Without a layer nothing is served. */
export class Web extends Context.Reference<Web>()("partyline/Web", {
  defaultValue: (): Service => ({
    serve: (_, { isHead }) => nothing(404, isHead),
    refuse: (status, isHead) => nothing(status === 431 ? status : 404, isHead)
  })
}) {
  /**
   * Serves requests with the function that `load` makes, for as long as the layer is held. It is loaded at the first
   * request, and at the latest after ten seconds: an upgrade replaces the program's files, and a server that still runs must
   * not need them.
   */
  static readonly layer = <R>(
    load: Effect.Effect<Service["serve"], never, R>
  ): Layer.Layer<Web, never, Exclude<R, Scope.Scope>> =>
    Layer.scoped(
      Web,
      Effect.gen(function* () {
        const context = yield* Effect.context<R | Scope.Scope>()
        const loaded = yield* Effect.cached(Effect.provide(load, context))
        // Not at once: it takes some 50 ms, for which the start, and those who connect right then, would wait.
        const early = Effect.zipRight(loaded, Effect.logDebug("Chat Page Loaded"))
        yield* Effect.forkScoped(Effect.delay(early, "10 seconds"))
        const service: Service = {
          serve: (connection, request) => Effect.flatMap(loaded, (serve) => serve(connection, request)),
          refuse: (status, isHead) => new HttpRequest({ response: refusal(status, incomplete[status], isHead) })
        }
        return service
      })
    )
}

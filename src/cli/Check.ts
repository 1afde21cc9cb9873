/** The checks of --check: the program binds its addresses and reads its files, but does not serve. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as App from "../App.ts"
import type * as Attachment from "../cluster/Attachment.ts"
import * as Findings from "../config/Findings.ts"
import { type Finding, fine, note, problem } from "../config/Findings.ts"
import { type Address, type BindError, Listener } from "../connection/Listener.ts"
import { Limits } from "../Limits.ts"
import type * as Ops from "../ops/Ops.ts"
import { type Files, load, validity } from "../transports/Certificate.ts"
import * as Tcp from "../transports/Tcp.ts"

/** Binds addresses and releases them, so that a second port is tried whatever becomes of the first. */
const released = (
  wanted: number | undefined,
  purpose: string,
  bind: Effect.Effect<ReadonlyArray<Address>, BindError, Scope.Scope>
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.scoped(bind).pipe(
    Effect.map((addresses) =>
      addresses.map(({ host, port }) =>
        fine(`can listen on ${host} port ${wanted === 0 ? "0 (any free one)" : port}${purpose}`)
      )
    ),
    Effect.catchAll(({ message }) => Effect.succeed([problem(message)]))
  )

const addresses = (options: Tcp.PlainOptions, purpose: string) =>
  released(
    options.port,
    purpose,
    Effect.map(
      Layer.build(Tcp.layer(options).pipe(Layer.provide(Limits.layer()))),
      (context) => Context.get(context, Listener).addresses
    )
  )

/** The operations port, as the program listens on it: Node's HTTP server is not the listener of the relay. */
const operations = (options: Ops.Options) =>
  released(
    options.port,
    ", for --ops-port",
    Effect.flatMap(
      Effect.promise(() => import("../ops/Ops.ts")),
      ({ listen }) => listen(options)
    )
  )

const signs = { lasting: fine, ending: note, invalid: problem }

const certificate = (files: Files): Effect.Effect<Finding> =>
  Effect.zipWith(load(files), Clock.currentTimeMillis, (certificate, now) => {
    const { state, text } = validity(files.cert, certificate, now)
    return signs[state](text)
  }).pipe(Effect.catchAll(({ message }) => Effect.succeed(problem(message))))

/** Asks the engine of a room over many machines. It is imported on use. */
const engine = (options: Attachment.Options, maxUsers: number): Effect.Effect<Finding> =>
  Effect.flatMap(
    Effect.promise(() => import("../cluster/Attachment.ts")),
    ({ probe }) =>
      Effect.match(probe(options, maxUsers), {
        onSuccess: (version) => fine(`can use Redis ${version} at ${options.address.shown}, for --cluster`),
        onFailure: ({ message }) => problem(`cannot use ${options.address.shown}: ${message}`)
      })
  )

/** All findings, the most important first. */
export const check = (options: App.Options): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const { cluster, host, limits, ops, port, sockets = [], tls, warnings } = options
    return [
      ...(yield* addresses({ host, port, sockets }, "")),
      ...(tls === undefined ? [] : yield* addresses({ host, port: tls.port, sockets: tls.sockets ?? [] }, ", for TLS")),
      ...(ops === undefined ? [] : yield* operations(ops)),
      ...(tls === undefined ? [] : [yield* certificate(tls)]),
      ...(cluster === undefined ? [] : [yield* engine(cluster, limits.maxUsers)]),
      ...Findings.limits(limits, cluster !== undefined),
      ...warnings.map(note)
    ]
  })

/** Whether the program would serve as it is asked to, without serving. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as App from "../App.ts"
import { Listener } from "../connection/Listener.ts"
import { Limits, type LimitValues, SPARE_FILES } from "../Limits.ts"
import type * as Ops from "../ops/Ops.ts"
import * as OpenFiles from "../process/OpenFiles.ts"
import { Sighup } from "../process/Sighup.ts"
import { type Files, load } from "../transports/Certificate.ts"
import * as Tcp from "../transports/Tcp.ts"

/** One line of what was found: fine, to be known, or what should keep the operator from starting it. */
export interface Finding {
  readonly sign: "ok" | "note" | "no"
  readonly text: string
}

const fine = (text: string): Finding => ({ sign: "ok", text })
const note = (text: string): Finding => ({ sign: "note", text })
const trouble = (text: string): Finding => ({ sign: "no", text })

const DAY = 24 * 60 * 60 * 1000
/** Descriptors that the program has open for itself, about. */
const OWN_FILES = 24

/** Days before its end at which a certificate should be renewed. */
const RENEWAL_DAYS = 30

const certificate = (files: Files): Effect.Effect<Finding> =>
  Effect.zipWith(load(files), Clock.currentTimeMillis, ({ validFrom, validTo }, now) => {
    const days = Math.floor((validTo - now) / DAY)
    if (now < validFrom) return trouble(`${files.cert} is not valid yet`)
    if (now >= validTo) return trouble(`${files.cert} has expired`)
    if (days < RENEWAL_DAYS)
      return note(`${files.cert} and its key can be used, but it expires in ${days + 1} days or less: renew it`)
    return fine(`${files.cert} and its key can be used for ${days} more days`)
  }).pipe(Effect.catchAll((error) => Effect.succeed(trouble(error.message))))

/** Binds all addresses and gives them up again. */
const addresses = (options: App.Options): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.map(Listener, ({ addresses }) =>
    addresses.map(({ host, port, secure }) => {
      const wanted = secure === true ? options.tls?.port : options.port
      return fine(
        `can listen on ${host} port ${wanted === 0 ? "0 (any free one)" : port}${secure === true ? ", for TLS" : ""}`
      )
    })
  ).pipe(
    Effect.provide(Tcp.layer(options).pipe(Layer.provide([Limits.layer(), Sighup.layer]))),
    Effect.catchTags({
      BindError: (error) => Effect.succeed([trouble(error.message)]),
      // That has been said of the files.
      CertificateError: () => Effect.succeed([])
    })
  )

const files = (maxConnections: number): Finding => {
  const limit = OpenFiles.limit()
  if (!Number.isFinite(limit)) return fine("the system tells no limit of open files")
  const served = Math.max(0, limit - SPARE_FILES - OWN_FILES)
  const enough = `${limit} open files (ulimit -n) are enough for about ${served}`
  if (served === 0) return trouble(`${enough}: nobody could be served`)
  return served >= maxConnections
    ? fine(`${limit} open files are enough for --max-connections ${maxConnections}`)
    : note(`--max-connections ${maxConnections} cannot be reached: ${enough}`)
}

/** Binds the address for those who watch. */
const watching = ({ host, port }: Ops.Options): Effect.Effect<Finding> =>
  Effect.as(Listener, fine(`can listen on ${host} port ${port}, for --ops-port`)).pipe(
    Effect.provide(Tcp.layer({ host, port }).pipe(Layer.provide(Limits.layer()))),
    Effect.catchTag("BindError", (error) => Effect.succeed(trouble(error.message)))
  )

/** Options that take from each other. What only makes one of them useless, defaults among them, is no reason not to start. */
const contradictions = (limits: LimitValues): ReadonlyArray<Finding> => {
  const { maxConnections, maxLine, maxPerAddress, maxUsers, outbox } = limits
  const found: ReadonlyArray<readonly [is: boolean, finding: Finding]> = [
    [maxUsers > maxConnections, trouble("--max-users is more than --max-connections")],
    [
      Number.isFinite(maxPerAddress) && maxPerAddress > maxConnections,
      note("--max-per-address is more than --max-connections, so it limits nothing")
    ],
    [maxLine > outbox, note("--max-line is more than --outbox: the longest lines wait until nothing else does")]
  ]
  return found.filter(([is]) => is).map(([, finding]) => finding)
}

/** All that can be found out beforehand, most important first. */
export const check = (options: App.Options): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const limits = { ...Limits.defaults, ...options.limits }
    const { ops, tls } = options
    return [
      ...(yield* addresses(options)),
      ...(ops === undefined ? [] : [yield* watching(ops)]),
      ...(tls === undefined ? [] : [yield* certificate(tls)]),
      files(limits.maxConnections),
      ...contradictions(limits)
    ]
  })

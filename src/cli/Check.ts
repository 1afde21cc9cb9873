/** The checks of --check: the program binds its addresses and reads its files, but does not serve. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as App from "../App.ts"
import type * as Attachment from "../cluster/Attachment.ts"
import { Listener } from "../connection/Listener.ts"
import { Limits, type LimitValues, SPARE_FILES } from "../Limits.ts"
import type * as Ops from "../ops/Ops.ts"
import * as OpenFiles from "../process/OpenFiles.ts"
import { Sighup } from "../process/Sighup.ts"
import { Metrics } from "../status/Metrics.ts"
import { type Files, load } from "../transports/Certificate.ts"
import * as Tcp from "../transports/Tcp.ts"

/** One line of output. `no` means that the program should not be started. */
export interface Finding {
  readonly sign: "ok" | "note" | "no"
  readonly text: string
}

const fine = (text: string): Finding => ({ sign: "ok", text })
const note = (text: string): Finding => ({ sign: "note", text })
const problem = (text: string): Finding => ({ sign: "no", text })

const DAY = 24 * 60 * 60 * 1000
/** Approximate number of descriptors that the program uses for itself. */
const OWN_FILES = 24

/** A certificate should be renewed this many days before it expires. */
const RENEWAL_DAYS = 30

const certificate = (files: Files): Effect.Effect<Finding> =>
  Effect.zipWith(load(files), Clock.currentTimeMillis, ({ validFrom, validTo }, now) => {
    const days = Math.floor((validTo - now) / DAY)
    if (now < validFrom) return problem(`${files.cert} is not valid yet`)
    if (now >= validTo) return problem(`${files.cert} has expired`)
    if (days < RENEWAL_DAYS)
      return note(`${files.cert} and its key can be used, but it expires in ${days + 1} days or less: renew it`)
    return fine(`${files.cert} and its key can be used for ${days} more days`)
  }).pipe(Effect.catchAll((error) => Effect.succeed(problem(error.message))))

/** Binds all addresses of the relay and releases them. */
const addresses = (options: App.Options): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.map(Listener, ({ addresses }) =>
    addresses.map(({ host, port, secure }) => {
      const wanted = secure === true ? options.tls?.port : options.port
      return fine(
        `can listen on ${host} port ${wanted === 0 ? "0 (any free one)" : port}${secure === true ? ", for TLS" : ""}`
      )
    })
  ).pipe(
    Effect.provide(Tcp.layer(options).pipe(Layer.provide([Limits.layer(), Metrics.layer, Sighup.layer]))),
    Effect.catchTags({
      BindError: (error) => Effect.succeed([problem(error.message)]),
      // `certificate` reports it.
      CertificateError: () => Effect.succeed([])
    })
  )

const files = (maxConnections: number): Finding => {
  const limit = OpenFiles.limit()
  if (!Number.isFinite(limit)) return fine("the system tells no limit of open files")
  const served = Math.max(0, limit - SPARE_FILES - OWN_FILES)
  const enough = `${limit} open files (ulimit -n) are enough for about ${served}`
  if (served === 0) return problem(`${enough}: nobody could be served`)
  return served >= maxConnections
    ? fine(`${limit} open files are enough for --max-connections ${maxConnections}`)
    : note(`--max-connections ${maxConnections} cannot be reached: ${enough}`)
}

/** Binds the address of metrics and status page, and releases it. */
const opsAddress = ({ host, port, sockets = [] }: Ops.Options): Effect.Effect<Finding> =>
  Effect.as(Listener, fine(`can listen on ${host} port ${port}, for --ops-port`)).pipe(
    Effect.provide(Tcp.layer({ host, port, sockets }).pipe(Layer.provide(Limits.layer()))),
    Effect.catchTag("BindError", (error) => Effect.succeed(problem(error.message)))
  )

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

/** Limits that contradict each other. An ineffective limit is only a note: it can be a default. */
const contradictions = (limits: LimitValues, isCluster: boolean): ReadonlyArray<Finding> => {
  const { maxConnections, maxLine, maxPerAddress, maxUsers, outbox } = limits
  const found: ReadonlyArray<readonly [is: boolean, finding: Finding]> = [
    // The users of a room over many machines are not all connected here.
    [maxUsers > maxConnections && !isCluster, problem("--max-users is more than --max-connections")],
    [
      Number.isFinite(maxPerAddress) && maxPerAddress > maxConnections,
      note("--max-per-address is more than --max-connections, so it limits nothing")
    ],
    [maxLine > outbox, note("--max-line is more than --outbox: the longest lines wait until nothing else does")]
  ]
  return found.filter(([is]) => is).map(([, finding]) => finding)
}

/** All findings, the most important first. */
export const check = (options: App.Options): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const limits = { ...Limits.defaults, ...options.limits }
    const { cluster, ops, tls } = options
    return [
      ...(yield* addresses(options)),
      ...(ops === undefined ? [] : [yield* opsAddress(ops)]),
      ...(tls === undefined ? [] : [yield* certificate(tls)]),
      ...(cluster === undefined ? [] : [yield* engine(cluster, limits.maxUsers)]),
      files(limits.maxConnections),
      ...contradictions(limits, cluster !== undefined)
    ]
  })

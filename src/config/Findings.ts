/** What there is to say about options that can be used, and about the machine. A start warns of it; --check prints it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type LimitValues, OWN_FILES, spareFiles } from "../Limits.ts"
import type { CertificateError, Files } from "../transports/Certificate.ts"

/** One line. `no` means that the program should not be started. */
export interface Finding {
  readonly sign: "ok" | "note" | "no"
  readonly text: string
}

export const fine = (text: string): Finding => ({ sign: "ok", text })
export const note = (text: string): Finding => ({ sign: "note", text })
export const problem = (text: string): Finding => ({ sign: "no", text })

const DAY = 24 * 60 * 60 * 1000

/** A certificate should be renewed this many days before it expires. */
const RENEWAL_DAYS = 30

/** Whether the certificate is valid now, and for how long. It is imported on use, as TLS is. */
export const certificate = (files: Files): Effect.Effect<Finding, CertificateError> =>
  Effect.gen(function* () {
    const { load } = yield* Effect.promise(() => import("../transports/Certificate.ts"))
    const { validFrom, validTo } = yield* load(files)
    const now = yield* Clock.currentTimeMillis
    const days = Math.floor((validTo - now) / DAY)
    if (now < validFrom) return problem(`${files.cert} is not valid yet`)
    if (now >= validTo) return problem(`${files.cert} has expired`)
    return days < RENEWAL_DAYS
      ? note(`${files.cert} and its key can be used, but it expires in ${days + 1} days or less: renew it`)
      : fine(`${files.cert} and its key can be used for ${days} more days`)
  })

/** How many connections the limit of open files is enough for. */
const files = ({ maxConnections, openFiles }: LimitValues): Finding => {
  if (!Number.isFinite(openFiles)) return fine("the system tells no limit of open files")
  const served = Math.max(0, openFiles - spareFiles(openFiles) - OWN_FILES)
  const enough = `${openFiles} open files (ulimit -n) are enough for about ${served}`
  if (served === 0) return problem(`${enough}: nobody could be served`)
  if (served >= maxConnections)
    return fine(`${openFiles} open files are enough for --max-connections ${maxConnections}`)
  return Number.isFinite(maxConnections)
    ? note(`--max-connections ${maxConnections} cannot be reached: ${enough}`)
    : fine(`${enough} connections`)
}

/** Limits that contradict each other. An ineffective limit is only a note: it can be a default. */
const contradictions = ({
  maxConnections,
  maxLine,
  maxPerAddress,
  maxUsers,
  outbox
}: LimitValues): ReadonlyArray<Finding> => {
  const found: ReadonlyArray<readonly [is: boolean, finding: Finding]> = [
    [maxUsers > maxConnections, problem("--max-users is more than --max-connections")],
    [
      Number.isFinite(maxPerAddress) && maxPerAddress > maxConnections,
      note("--max-per-address is more than --max-connections, so it limits nothing")
    ],
    [maxLine > outbox, note("--max-line is more than --outbox: the longest lines wait until nothing else does")]
  ]
  return found.filter(([is]) => is).map(([, finding]) => finding)
}

/** Findings about the limits. */
export const limits = (values: LimitValues): ReadonlyArray<Finding> => [files(values), ...contradictions(values)]

/** What a start warns of: all but what is fine. A certificate that cannot be used is left to the start itself. */
export const warnings = (values: LimitValues, tls: Files | undefined): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    tls === undefined
      ? Effect.succeed([])
      : Effect.orElseSucceed(
          Effect.map(certificate(tls), (one) => [one]),
          () => []
        ),
    (about) => [...about, ...limits(values)].filter(({ sign }) => sign !== "ok").map(({ text }) => text)
  )

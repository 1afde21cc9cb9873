/** Asks a running server whether it answers, wherever its options have put it (--probe). */
import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type Finding, fine, problem } from "../config/Findings.ts"
import type { ListenOptions } from "../config/ListenOptions.ts"
import { codeOf } from "../ErrorText.ts"
import { PROBE_PATIENCE } from "../Limits.ts"
import { isTrusted } from "../transports/TrustedProxy.ts"

class NoAnswer extends Data.TaggedError("NoAnswer")<{ readonly reason: string }> {}

/** How much of a conversation is possible: with `touch`, only to come and to be seen off. */
type Kind = "lines" | "tls" | "touch"

interface Target {
  readonly host: string
  readonly port: number
  readonly kind: Kind
}

/** The proxy speaks for itself. */
const HEADER = "PROXY UNKNOWN\r\n"

/** The address by which a program on this machine reaches a listener on `host`. */
const reachable = (host: string | undefined): string =>
  host === undefined || host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host

const targets = ({ host, port, tls }: ListenOptions): ReadonlyArray<Target> => {
  const at = { host: reachable(host) }
  return [
    ...(port === undefined ? [] : [{ ...at, port, kind: "lines" as const }]),
    // Without a certificate from the authority no handshake succeeds, and the log would have a warning.
    ...(tls?.port === undefined
      ? []
      : [{ ...at, port: tls.port, kind: tls.clientCa === undefined ? ("tls" as const) : ("touch" as const) }])
  ]
}

/** Sends PING, then the end of output, and waits for a reply and the end of input: the log has no warning of that. */
const converse = ({ host, kind, port }: Target, trusted: Net.BlockList | undefined): Effect.Effect<void, NoAnswer> =>
  Effect.async((resume) => {
    const failed = (error: Error) => resume(new NoAnswer({ reason: codeOf(error) }))
    let hasReply = false
    const socket = Net.connect({ host, port }, () => {
      const self = { address: socket.localAddress ?? "", port }
      if (trusted !== undefined && isTrusted(trusted, self)) socket.write(HEADER)
      const speaker = kind === "tls" ? Tls.connect({ socket, rejectUnauthorized: false }) : socket
      speaker.on("error", failed).on("data", () => {
        hasReply = true
      })
      speaker.end(kind === "touch" ? "" : "PING\n")
    })
    socket.on("error", failed).on("close", () => {
      const isAlive = hasReply || kind === "touch"
      resume(isAlive ? Effect.void : new NoAnswer({ reason: "it hung up" }))
    })
    return Effect.sync(() => socket.destroy())
  })

const ask = (target: Target, trusted: Net.BlockList | undefined): Effect.Effect<Finding> => {
  const where = `${target.host} port ${target.port}`
  if (target.port === 0) return Effect.succeed(problem(`${where}: a free port cannot be probed, only a chosen one`))
  return converse(target, trusted).pipe(
    Effect.timeoutFail({
      duration: PROBE_PATIENCE,
      onTimeout: () => new NoAnswer({ reason: `for ${Duration.toSeconds(PROBE_PATIENCE)} seconds` })
    }),
    Effect.match({
      onFailure: ({ reason }) => problem(`${where} does not answer (${reason})`),
      onSuccess: () => fine(`${where} answers`)
    })
  )
}

/** One finding for each port of the relay. */
export const probe = (options: ListenOptions): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.forEach(targets(options), (target) => ask(target, options.trusted), { concurrency: "unbounded" })

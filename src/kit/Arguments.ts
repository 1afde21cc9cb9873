/** The arguments of a client program. */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Security } from "../client/Dialer.ts"
import * as Target from "../client/Target.ts"
import { codeOf, readReason } from "../ErrorText.ts"
import type { Description } from "./Options.ts"

/** The arguments are wrong. The message is for the user. */
export class ArgumentError extends Data.TaggedError("ArgumentError")<{ readonly message: string }> {}

/** A word that is no option. */
export interface Operand {
  readonly text: string
  /** It stands behind `--`, so it is taken as it is. */
  readonly isVerbatim: boolean
}

export interface Arguments {
  readonly has: (flag: string) => boolean
  readonly value: (flag: string) => string | undefined
  readonly operands: ReadonlyArray<Operand>
}

const wrong = (message: string) => Either.left(new ArgumentError({ message }))

/** Options may stand anywhere before `--`: a mistyped one is never sent as a text. */
export const parse = (
  { operands: usage, options }: Description,
  words: ReadonlyArray<string>
): Either.Either<Arguments, ArgumentError> => {
  const known = new Map(options.flatMap((option) => option.flags.map((flag) => [flag, option] as const)))
  const types = options.flatMap(({ flags, value }) =>
    flags
      .filter((flag) => flag.startsWith("--"))
      .map((flag) => [flag.slice(2), { type: value === undefined ? "boolean" : "string" } as const] as const)
  )
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(types),
    strict: false,
    allowPositionals: true,
    tokens: true
  })
  const given = new Map<string, string>()
  const operands: Array<Operand> = []
  let isVerbatim = false
  for (const token of tokens) {
    if (token.kind === "option-terminator") isVerbatim = true
    else if (token.kind === "positional") operands.push({ text: token.value, isVerbatim })
    else {
      const flag = token.rawName
      const option = known.get(flag)
      if (option === undefined) {
        const advice = usage.includes("<text>") ? ": write -- before a text that begins with a dash" : ""
        return wrong(`unknown option ${JSON.stringify(flag)}${advice}`)
      }
      if (given.has(flag)) return wrong(`${flag} must be given once`)
      if (option.value === undefined ? token.inlineValue : token.value === undefined) {
        return wrong(option.value === undefined ? `${flag} takes no value` : `${flag} must have one value`)
      }
      given.set(flag, token.value ?? "")
    }
  }
  return Either.right({ has: (flag) => given.has(flag), value: (flag) => given.get(flag), operands })
}

/** Where to connect to, and how. */
export interface Destination {
  readonly target: Target.Target
  /** Absent without TLS. */
  readonly security: Security | undefined
}

/** Reads the certificate of an authority. Node would ignore one that it cannot use. */
const authority = (file: string): Effect.Effect<string, ArgumentError> =>
  Effect.gen(function* () {
    const wrong = (why: string) => new ArgumentError({ message: `cannot use ${file}: ${why}` })
    const pem = yield* Effect.try({
      try: () => readFileSync(file, "utf8"),
      catch: (error) => wrong(readReason(codeOf(error)))
    })
    const { X509Certificate } = yield* Effect.promise(() => import("node:crypto"))
    yield* Effect.try({ try: () => new X509Certificate(pem), catch: () => wrong("it is no certificate in PEM") })
    return pem
  })

/** The destination of the first operand, which can be absent, and the options of the connection. */
export const destination = (given: Arguments, text: string | undefined): Effect.Effect<Destination, ArgumentError> =>
  Effect.gen(function* () {
    const tls = given.has("--tls")
    for (const flag of ["--ca", "--insecure"]) {
      if (given.has(flag) && !tls) return yield* new ArgumentError({ message: `${flag} needs --tls` })
    }
    if (text === undefined) return yield* new ArgumentError({ message: "host is missing" })
    const target = yield* Either.mapLeft(Target.parse(text, { tls }), (message) => new ArgumentError({ message }))
    const file = given.value("--ca")
    const ca = file === undefined ? undefined : yield* authority(file)
    return { target, security: tls ? { ca, isInsecure: given.has("--insecure") } : undefined }
  })

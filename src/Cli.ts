/** The command line: arguments and environment to a running App, and the words for what is wrong with them. */
import type { BlockList } from "node:net"
import { stripVTControlCharacters } from "node:util"
import * as Args from "@effect/cli/Args"
import type * as CliApp from "@effect/cli/CliApp"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import manifest from "../package.json" with { type: "json" }
import * as App from "./App.ts"
import * as Explanation from "./Explanation.ts"
import * as Settings from "./Settings.ts"

/** The program cannot do what was asked, and the operator has been told why. */
export class Refused extends Data.TaggedError("Refused")<{}> {}

const invalid = (text: string) => ValidationError.invalidValue(HelpDoc.p(text))

const mustBe = (name: string, must: string, text: string) => `${name} must be ${must}, not ${JSON.stringify(text)}`

const completions = "--completions must be bash, zsh or fish"

/** For what @effect/cli does not say itself. */
const refuse = (words: string) => Effect.zipRight(Console.error(words), Effect.fail(invalid(words)))

/** What is wrong with a flag that @effect/cli left over. */
const notAnOption = (text: string): string =>
  text === "--completions"
    ? completions
    : text === "--check"
      ? "--check must be given once"
      : Settings.isFlag(text)
        ? `${text} must have one value, once`
        : `unknown option ${JSON.stringify(text)}`

const port = Args.text({ name: "port" }).pipe(
  Args.mapEffect((text) => {
    // @effect/cli takes for the port whatever it can make nothing else of.
    if (/^-+[a-z]/i.test(text)) return Effect.fail(HelpDoc.p(notAnOption(text)))
    return Either.mapLeft(Settings.port(text), (must) => HelpDoc.p(mustBe("<port>", must, text)))
  })
)

/** An option of @effect/cli: the flag, else its variable, else nothing. */
const given = <A>({ flag, value, parse }: Settings.Setting<A>): Options.Options<Option.Option<A>> =>
  Options.text(flag).pipe(
    Options.withPseudoName(value),
    Options.withFallbackConfig(Config.string(Settings.variable(flag))),
    Options.mapEffect((text) =>
      Either.mapLeft(parse(text), (must) => invalid(mustBe(`--${flag} (or ${Settings.variable(flag)})`, must, text)))
    ),
    Options.optional
  )

/** The same with the default in place of nothing. */
const withDefault = <A>(setting: Settings.Setting<A>): Options.Options<A> =>
  Options.map(given(setting), (option) =>
    Option.getOrElse(option, () => Either.getOrThrow(setting.parse(setting.fallback ?? "")))
  )

/**
 * What the minimum log level is until @effect/cli has seen a --log-level. It handles that flag by itself and hides it
 * from the command; the flag must win over the environment, and is to know no more levels than that.
 */
const noFlag: LogLevel.LogLevel = { ...LogLevel.Info }

const effectiveLevel = (otherwise: LogLevel.LogLevel) =>
  Effect.flatMap(FiberRef.get(FiberRef.currentMinimumLogLevel), (flagged) => {
    if (flagged === noFlag) return Effect.succeed(otherwise)
    const text = flagged._tag.toLowerCase()
    return Either.mapLeft(Settings.settings.logLevel.parse(text), (must) => invalid(mustBe("--log-level", must, text)))
  })

const { settings } = Settings

/** The options that say where to listen. */
interface Given extends Pick<App.Options, "logFormat" | "limits"> {
  readonly port: Option.Option<number>
  readonly host: Option.Option<string>
  readonly trusted: Option.Option<BlockList>
  readonly tlsPort: Option.Option<number>
  readonly cert: Option.Option<string>
  readonly key: Option.Option<string>
  readonly clientCa: Option.Option<string>
}

/** What is asked for, or what is missing or has no use. */
const optionsOf = (given: Given): Either.Either<App.Options, string> => {
  const { limits, logFormat } = given
  const port = Option.getOrUndefined(given.port)
  const tlsPort = Option.getOrUndefined(given.tlsPort)
  const cert = Option.getOrUndefined(given.cert)
  const key = Option.getOrUndefined(given.key)
  const clientCa = Option.getOrUndefined(given.clientCa)
  const plain = {
    port,
    host: Option.getOrUndefined(given.host),
    trusted: Option.getOrUndefined(given.trusted),
    limits,
    logFormat
  }
  if (tlsPort === undefined) {
    if ((cert ?? key ?? clientCa) !== undefined)
      return Either.left("--tls-cert, --tls-key and --tls-client-ca need --tls-port")
    return port === undefined ? Either.left("<port> is missing") : Either.right(plain)
  }
  if (cert === undefined || key === undefined) return Either.left("--tls-port needs --tls-cert and --tls-key")
  if (port === tlsPort && port !== 0) return Either.left("<port> and --tls-port must be two ports")
  return Either.right({ ...plain, tls: { port: tlsPort, cert, key, clientCa } })
}

const command = Command.make(
  "partyline",
  {
    port: Args.optional(port),
    host: given(settings.host),
    trusted: given(settings.trustProxy),
    tlsPort: given(settings.tlsPort),
    cert: given(settings.tlsCert),
    key: given(settings.tlsKey),
    clientCa: given(settings.tlsClientCa),
    check: Options.boolean("check"),
    logLevel: withDefault(settings.logLevel),
    logFormat: withDefault(settings.logFormat),
    limits: Options.all({
      maxUsers: withDefault(settings.maxUsers),
      maxLine: withDefault(settings.maxLine),
      outbox: withDefault(settings.outbox),
      patience: withDefault(settings.patience),
      joinTimeout: withDefault(settings.joinTimeout),
      idleTimeout: withDefault(settings.idleTimeout),
      drainTimeout: withDefault(settings.drainTimeout),
      maxConnections: withDefault(settings.maxConnections),
      maxPerAddress: withDefault(settings.maxPerAddress),
      rate: withDefault(settings.rate),
      burst: withDefault(settings.burst)
    })
  },
  ({ check, logLevel, ...given }) =>
    Effect.gen(function* () {
      const level = yield* effectiveLevel(logLevel)
      const options = yield* Either.match(optionsOf(given), { onLeft: refuse, onRight: Effect.succeed })
      yield* check ? checked(options) : Layer.launch(App.layer(options)).pipe(Logger.withMinimumLogLevel(level))
    })
)

/** Says whether it would serve. */
const checked = (options: App.Options): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    const { check } = yield* Effect.promise(() => import("./Check.ts"))
    const findings = yield* check(options)
    for (const { isTrouble, text } of findings) yield* Console.log(`${isTrouble ? "no" : "ok"}: ${text}`)
    if (findings.some(({ isTrouble }) => isTrouble)) yield* new Refused()
  })

/** Standard error gets what is wrong, which has been said by then, and the usage statement. */
const sayUsage = Console.error(`${Settings.usage}\nTry partyline --help for more.`)

/** What @effect/cli calls an unknown argument when it is a known flag. */
const leftover = /^Received unknown argument: '(-+[a-z-]+)'$/

/** Its words without the colours that it puts even into a pipe, and with the name of the program. */
const plain = (text: unknown): string => stripVTControlCharacters(String(text)).trimEnd()
const complaint = (text: string): string => {
  const words = text.replace(leftover, (_, flag: string) => notAnOption(flag))
  return words.startsWith("usage:") || words.startsWith("partyline:") ? words : `partyline: ${words}`
}

const plainConsole = Effect.map(Console.consoleWith(Effect.succeed), (console) => {
  let last = ""
  return {
    ...console,
    log: (text: unknown) => console.log(plain(text)),
    // It says some things twice.
    error: (text: unknown) => {
      const words = complaint(plain(text))
      const isNew = words !== last
      last = words
      return isNew ? console.error(words) : Effect.void
    }
  }
})

const parse = Command.run(command, { name: "partyline", version: manifest.version, executable: "partyline" })

/**
 * What @effect/cli would take for an option of its own: its wizard, which asks its questions on standard output when there
 * is nothing to ask, and what stands after a single dash, of which it says nothing when it does not know it.
 */
const isForeign = (arg: string, index: number, args: ReadonlyArray<string>): boolean => {
  const before = args[index - 1] ?? ""
  const isValue = /^--[^=]*$/.test(before) && before !== "--check"
  return arg === "--wizard" || (/^-[^-]/.test(arg) && arg !== "-h" && !isValue)
}

const refuseForeign = (arg: string) => {
  const words = Either.match(Settings.port(arg), {
    onLeft: (must) => (/^-[\d.]/.test(arg) ? mustBe("<port>", must, arg) : notAnOption(arg)),
    onRight: () => notAnOption(arg)
  })
  return refuse(words)
}

/**
 * Runs the program with these arguments (the first two being the runtime's). Fails, after saying why on standard error,
 * when the arguments are wrong or an address cannot be listened on.
 */
export const run = (args: ReadonlyArray<string>): Effect.Effect<void, Refused, CliApp.CliApp.Environment> =>
  Effect.suspend(() => {
    const given = args.slice(2)
    if (given.includes("--help") || given.includes("-h")) return Console.log(Settings.help(manifest.version))
    const foreign = given.find(isForeign)
    if (foreign !== undefined) return refuseForeign(foreign)
    // Or the port after it would be taken for its value.
    return parse(args.map((arg) => (arg === "--check" ? "--check=true" : arg))).pipe(
      Effect.locally(FiberRef.currentMinimumLogLevel, noFlag),
      Effect.provide(CliConfig.layer({ isCaseSensitive: true }))
    )
  }).pipe(
    Effect.tapErrorTag("BindError", (error) => Console.error(`partyline: ${Explanation.ofBindError(error)}`)),
    Effect.tapErrorTag("CertificateError", (error) =>
      Console.error(`partyline: ${Explanation.ofCertificateError(error)}`)
    ),
    Effect.tapErrorCause((cause) =>
      Cause.isDie(cause) ? Console.error(`a fault of partyline's own: ${Cause.pretty(cause)}`) : Effect.void
    ),
    Effect.tapError((error) => (ValidationError.isValidationError(error) ? sayUsage : Effect.void)),
    Effect.mapError(() => new Refused()),
    (program) => Effect.flatMap(plainConsole, (console) => Effect.withConsole(program, console))
  )

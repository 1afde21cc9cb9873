/** The command line: arguments and environment to a running App, and the words for what is wrong with them. */
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
import manifest from "../../package.json" with { type: "json" }
import * as App from "../App.ts"
import * as Places from "../config/ListenOptions.ts"
import * as Notation from "../config/Parsers.ts"
import * as Configuration from "../config/Resolve.ts"
import * as Settings from "../config/Settings.ts"
import * as Telemetry from "../config/Telemetry.ts"
import * as Activation from "../transports/PassedSockets.ts"
import * as Completions from "./Completions.ts"
import * as Help from "./Help.ts"

/** The program cannot do what was asked, and the operator has been told why. */
export class Refused extends Data.TaggedError("Refused")<{}> {}

const invalid = (text: string) => ValidationError.invalidValue(HelpDoc.p(text))

/** Says why, and fails as @effect/cli does. */
const refuse = (why: string) => Effect.zipRight(Console.error(why), Effect.fail(invalid(why)))

const mustBe = (name: string, must: string, text: string) => `${name} must be ${must}, not ${JSON.stringify(text)}`

/** What is wrong with a flag that @effect/cli left over. */
const notAnOption = (text: string): string =>
  text === "--check"
    ? "--check must be given once"
    : Settings.isFlag(text)
      ? `${text} must have one value, once`
      : `unknown option ${JSON.stringify(text)}`

const port = Args.text({ name: "port" }).pipe(
  Args.mapEffect((text) => {
    // @effect/cli takes for the port whatever it can make nothing else of.
    if (/^-+[a-z]/i.test(text)) return Effect.fail(HelpDoc.p(notAnOption(text)))
    return Either.mapLeft(Notation.port(text), (must) => HelpDoc.p(mustBe("<port>", must, text)))
  }),
  Args.optional
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

/** The relay is worth more than being watched: without tracing it starts all the same. */
const wantedTracing = Effect.flatMap(
  Telemetry.tracing,
  Either.match({
    onLeft: (why) => Effect.as(Console.error(`partyline: connections are not traced: ${why}`), undefined),
    onRight: (options) => Effect.succeed(options)
  })
)

const { settings } = Settings

/** Says whether it would serve. */
const checked = (options: App.Options): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    const { check } = yield* Effect.promise(() => import("./Check.ts"))
    const findings = yield* check(options)
    for (const { sign, text } of findings) yield* Console.log(`${sign}: ${text}`)
    if (findings.some(({ sign }) => sign === "no")) yield* new Refused()
  })

const command = ({ configuration, reload }: Configuration.Loaded) =>
  Command.make(
    "partyline",
    {
      port,
      printConfig: Options.boolean("print-config"),
      config: given(settings.config),
      host: given(settings.host),
      opsPort: given(settings.opsPort),
      opsHost: withDefault(settings.opsHost),
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
    ({ check, limits, logFormat, logLevel, opsHost, opsPort, printConfig, ...given }) =>
      Effect.gen(function* () {
        const level = yield* effectiveLevel(logLevel)
        if (printConfig) return yield* Console.log(Configuration.toml(manifest.version, configuration))
        const places = yield* Either.match(Places.of(given, Activation.descriptors(process.env, process.pid)), {
          onLeft: refuse,
          onRight: Effect.succeed
        })
        const ops = Option.getOrUndefined(Option.map(opsPort, (port) => ({ host: opsHost, port })))
        if (ops !== undefined && ops.port !== 0 && [places.port, places.tls?.port].includes(ops.port)) {
          return yield* refuse("--ops-port must be another port than <port> and --tls-port")
        }
        const options = { ...places, limits, logFormat, reload, ops, tracing: undefined }
        if (check) return yield* checked(options)
        const tracing = yield* wantedTracing
        yield* Logger.withMinimumLogLevel(Layer.launch(App.layer({ ...options, tracing })), level)
      })
  )

/** Standard error gets what is wrong, which has been said by then, and the usage statement. */
const sayUsage = Console.error(`${Help.usage}\nTry partyline --help for more.`)

/** What @effect/cli says of what it can make nothing of. */
const leftover = /^Received unknown argument: '(.*)'$/

/** Its words without the colours that it puts even into a pipe, and with the name of the program. */
const plain = (text: unknown): string => stripVTControlCharacters(String(text)).trimEnd()
const complaint = (text: string): string => {
  const words = text.replace(leftover, (_, arg: string) =>
    arg.startsWith("-") ? notAnOption(arg) : `there can be one <port>, and not also ${JSON.stringify(arg)}`
  )
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

const parse = (args: ReadonlyArray<string>) =>
  Effect.flatMap(Configuration.load(args, process.env), (loaded) =>
    Command.run(command(loaded), { name: "partyline", version: manifest.version, executable: "partyline" })(args).pipe(
      Effect.withConfigProvider(loaded.provider)
    )
  )

/**
 * What @effect/cli would take for an option of its own: its wizard, which asks its questions on standard output when there
 * is nothing to ask, and what stands after a single dash, of which it says nothing when it does not know it.
 */
const isForeign = (arg: string, index: number, args: ReadonlyArray<string>): boolean => {
  const before = args[index - 1] ?? ""
  const isValue = /^--[^=]*$/.test(before) && before !== "--check" && before !== "--print-config"
  return /^--(wizard|help=.*|version=.*)$/.test(arg) || (/^-[^-]/.test(arg) && arg !== "-h" && !isValue)
}

const refuseForeign = (arg: string) => {
  const why = Either.match(Notation.port(arg), {
    onLeft: (must) => (/^-[\d.]/.test(arg) ? mustBe("<port>", must, arg) : notAnOption(arg)),
    onRight: () => notAnOption(arg)
  })
  return refuse(why)
}

/** Its own completions would know no values. */
const printCompletions = (shell: string) => {
  const script = Completions.scripts[shell]
  return script === undefined ? refuse("--completions must be bash, fish or zsh") : Console.log(script())
}

/**
 * Runs the program with these arguments (the first two being the runtime's). Fails, after saying why on standard error,
 * when the arguments are wrong or an address cannot be listened on.
 */
export const run = (args: ReadonlyArray<string>): Effect.Effect<void, Refused, CliApp.CliApp.Environment> =>
  Effect.suspend(() => {
    const given = args.slice(2)
    if (given.includes("--help") || given.includes("-h")) return Console.log(Help.text(manifest.version))
    const foreign = given.find(isForeign)
    if (foreign !== undefined) return refuseForeign(foreign)
    if (given.includes("--completions")) return printCompletions(given[given.indexOf("--completions") + 1] ?? "")
    // Or the port after it would be taken for its value.
    return parse(args.map((arg) => (arg === "--check" ? "--check=true" : arg))).pipe(
      Effect.locally(FiberRef.currentMinimumLogLevel, noFlag),
      Effect.provide(CliConfig.layer({ isCaseSensitive: true }))
    )
  }).pipe(
    Effect.tapErrorTag("BindError", (error) => Console.error(`partyline: ${error.message}`)),
    Effect.tapErrorTag("CertificateError", (error) => Console.error(`partyline: ${error.message}`)),
    Effect.tapErrorTag("ConfigFileError", (error) => Console.error(`partyline: ${error.message}`)),
    Effect.tapErrorCause((cause) =>
      Cause.isDie(cause) ? Console.error(`a fault of partyline's own: ${Cause.pretty(cause)}`) : Effect.void
    ),
    Effect.tapError((error) => (ValidationError.isValidationError(error) ? sayUsage : Effect.void)),
    Effect.mapError(() => new Refused()),
    (program) => Effect.flatMap(plainConsole, (console) => Effect.withConsole(program, console))
  )

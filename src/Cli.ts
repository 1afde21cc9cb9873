/** The command line: arguments and environment to a running App, and the words for what is wrong with them. */
import { stripVTControlCharacters } from "node:util"
import * as Args from "@effect/cli/Args"
import type * as CliApp from "@effect/cli/CliApp"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
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
import * as Settings from "./Settings.ts"
import type { BindError } from "./server/Listener.ts"

/** The program cannot do what was asked, and the operator has been told why. */
export class Refused extends Data.TaggedError("Refused")<{}> {}

const invalid = (text: string) => ValidationError.invalidValue(HelpDoc.p(text))

const port = Args.text({ name: "port" }).pipe(
  Args.mapEffect((text) => {
    if (/^-+[a-z]/i.test(text)) return Effect.fail(HelpDoc.p(`unknown option ${JSON.stringify(text)}`))
    return Either.mapLeft(Settings.port(text), (must) =>
      HelpDoc.p(`<port> must be ${must}, not ${JSON.stringify(text)}`)
    )
  })
)

/** An option of @effect/cli: the flag, else its variable, else nothing. */
const given = <A>({ flag, value, parse }: Settings.Setting<A>): Options.Options<Option.Option<A>> =>
  Options.text(flag).pipe(
    Options.withPseudoName(value),
    Options.withFallbackConfig(Config.string(Settings.variable(flag))),
    Options.mapEffect((text) =>
      Either.mapLeft(parse(text), (must) =>
        invalid(`--${flag} (or ${Settings.variable(flag)}) must be ${must}, not ${JSON.stringify(text)}`)
      )
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
 * from the command, and the flag must win over the environment.
 */
const noFlag: LogLevel.LogLevel = { ...LogLevel.Info }

const { settings } = Settings

const command = Command.make(
  "partyline",
  {
    port,
    host: given(settings.host),
    logLevel: withDefault(settings.logLevel),
    logFormat: withDefault(settings.logFormat),
    limits: Options.all({
      maxUsers: withDefault(settings.maxUsers),
      maxLine: withDefault(settings.maxLine),
      outbox: withDefault(settings.outbox),
      patience: withDefault(settings.patience),
      joinTimeout: withDefault(settings.joinTimeout),
      idleTimeout: withDefault(settings.idleTimeout),
      drainTimeout: withDefault(settings.drainTimeout)
    })
  },
  ({ host, logLevel, ...options }) =>
    Effect.gen(function* () {
      const flagged = yield* FiberRef.get(FiberRef.currentMinimumLogLevel)
      yield* Layer.launch(App.layer({ ...options, host: Option.getOrUndefined(host) })).pipe(
        Logger.withMinimumLogLevel(flagged === noFlag ? logLevel : flagged)
      )
    })
)

/** Why an address cannot be listened on, for those who know no errno. */
const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: "the port is in use",
  EACCES: "that port needs a privilege which this process does not have",
  EADDRNOTAVAIL: "this machine does not have that address",
  EAFNOSUPPORT: "this machine does not have that kind of address",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name could not be looked up"
}

const sayBindError = ({ code, host, port }: BindError) =>
  Console.error(`partyline: cannot listen on ${host} port ${port}: ${reasons[code] ?? code} (${code})`)

/** Standard error gets what is wrong, which @effect/cli has said, and the usage statement. */
const sayUsage = Console.error(`${Settings.usage}\nTry partyline --help for more.`)

/** @effect/cli colours its words even into a pipe. */
const plain = (text: unknown): string => stripVTControlCharacters(String(text)).trimEnd()

const plainConsole = Effect.map(Console.consoleWith(Effect.succeed), (console) => ({
  ...console,
  log: (text: unknown) => console.log(plain(text)),
  error: (text: unknown) => console.error(plain(text).replace(/^(?=\S)(?!usage|Try|partyline:)/, "partyline: "))
}))

const parse = Command.run(command, { name: "partyline", version: manifest.version, executable: "partyline" })

/**
 * Runs the program with these arguments (the first two being the runtime's). Fails, after saying why on standard error,
 * when the arguments are wrong or an address cannot be listened on.
 */
export const run = (args: ReadonlyArray<string>): Effect.Effect<void, Refused, CliApp.CliApp.Environment> =>
  (args.slice(2).some((arg) => arg === "--help" || arg === "-h")
    ? Console.log(Settings.help(manifest.version))
    : Effect.locally(parse(args), FiberRef.currentMinimumLogLevel, noFlag)
  ).pipe(
    Effect.tapErrorTag("BindError", sayBindError),
    Effect.tapError((error) => (ValidationError.isValidationError(error) ? sayUsage : Effect.void)),
    Effect.mapError(() => new Refused()),
    (program) => Effect.flatMap(plainConsole, (console) => Effect.withConsole(program, console))
  )

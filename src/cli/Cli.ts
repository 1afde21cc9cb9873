/** The command line: its options and argument, and the program that they start. */
import * as Args from "@effect/cli/Args"
import type * as CliApp from "@effect/cli/CliApp"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import manifest from "../../package.json" with { type: "json" }
import * as App from "../App.ts"
import * as ListenOptions from "../config/ListenOptions.ts"
import * as PrintConfig from "../config/PrintConfig.ts"
import * as Resolve from "../config/Resolve.ts"
import { type Setting, settings } from "../config/Settings.ts"
import * as Telemetry from "../config/Telemetry.ts"
import * as PassedSockets from "../transports/PassedSockets.ts"
import * as CliQuirks from "./CliQuirks.ts"
import * as Completions from "./Completions.ts"
import * as Help from "./Help.ts"

/** The program cannot do what was asked. The operator has been told why. */
export class Refused extends Data.TaggedError("Refused")<{}> {}

const port = Args.text({ name: "port" }).pipe(
  Args.mapEffect((text) => Either.mapLeft(CliQuirks.portArgument(text), HelpDoc.p)),
  Args.optional
)

/** The text of each flag; undefined if it was not typed. */
const flags = Options.all(
  Record.map(settings, ({ flag, value }: Setting<unknown>) =>
    Options.text(flag).pipe(Options.withPseudoName(value), Options.optional, Options.map(Option.getOrUndefined))
  )
)

/** Tracing is not essential: with wrong variables the program says so and starts without it. */
const tracing = Effect.flatMap(
  Telemetry.tracing,
  Either.match({
    onLeft: (why) => Effect.as(Console.error(`partyline: connections are not traced: ${why}`), undefined),
    onRight: (options) => Effect.succeed(options)
  })
)

/** Prints whether the program could start. */
const check = (options: App.Options): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    const { check } = yield* Effect.promise(() => import("./Check.ts"))
    const findings = yield* check(options)
    for (const { sign, text } of findings) yield* Console.log(`${sign}: ${text}`)
    if (findings.some(({ sign }) => sign === "no")) yield* new Refused()
  })

const command = Command.make(
  "partyline",
  { port, flags, isCheck: Options.boolean("check"), isPrint: Options.boolean("print-config") },
  ({ flags, isCheck, isPrint, port }) =>
    Effect.gen(function* () {
      const logLevel = flags.logLevel ?? (yield* CliQuirks.logLevelText)
      const { configuration, reload } = yield* Resolve.load({ ...flags, logLevel }, process.env)
      if (isPrint) return yield* Console.log(PrintConfig.toml(manifest.version, configuration).trimEnd())
      const sockets = PassedSockets.passed(process.env, process.pid)
      const options = {
        ...(yield* ListenOptions.of(Option.getOrUndefined(port), configuration, sockets)),
        limits: Resolve.limitsOf(configuration),
        logFormat: configuration.logFormat.value,
        motd: configuration.motd.value ?? "",
        cluster: ListenOptions.cluster(configuration),
        reload
      }
      if (isCheck) return yield* check({ ...options, tracing: undefined })
      const app = App.layer({ ...options, tracing: yield* tracing })
      yield* Logger.withMinimumLogLevel(Layer.launch(app), configuration.logLevel.value)
    })
)

const complain = (message: string) => Console.error(`partyline: ${message}`)
const printUsage = Console.error(`${Help.usage}\nTry partyline --help for more.`)

/** Answers what needs no parsing, and otherwise runs the command. */
const execute = (args: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    const words = args.slice(2)
    // The help of @effect/cli has colours and no defaults; its completions do not complete values.
    if (words.includes("--help") || words.includes("-h")) return Console.log(Help.text(manifest.version).trimEnd())
    const problem = CliQuirks.foreignProblem(words)
    if (problem !== undefined) return new Resolve.OptionError({ message: problem })
    if (words.includes("--completions")) {
      const script = Completions.scripts[words[words.indexOf("--completions") + 1] ?? ""]
      return script === undefined
        ? new Resolve.OptionError({ message: "--completions must be bash, fish or zsh" })
        : Console.log(script())
    }
    return CliQuirks.run(command, { name: "partyline", version: manifest.version, executable: "partyline" })(args)
  })

/**
 * Runs the program with these arguments, of which the first two are the runtime's. It fails after it has said why on
 * standard error.
 */
export const run = (args: ReadonlyArray<string>): Effect.Effect<void, Refused, CliApp.CliApp.Environment> =>
  execute(args).pipe(
    Effect.tapErrorCause((cause) =>
      Cause.isDie(cause) ? complain(`a fault of partyline's own: ${Cause.pretty(cause)}`) : Effect.void
    ),
    Effect.tapErrorTag("OptionError", ({ message }) => Effect.zipRight(complain(message), printUsage)),
    Effect.tapErrorTag("ConfigFileError", ({ message }) => complain(message)),
    Effect.tapErrorTag("BindError", ({ message }) => complain(message)),
    Effect.tapErrorTag("EngineError", ({ message }) => complain(message)),
    Effect.tapErrorTag("CertificateError", ({ message }) => complain(message)),
    // @effect/cli has printed its own message.
    Effect.tapError((error) => (ValidationError.isValidationError(error) ? printUsage : Effect.void)),
    Effect.mapError(() => new Refused())
  )

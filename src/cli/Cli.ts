/** The command line: its options and argument, and the program that they start. */
import * as Args from "@effect/cli/Args"
import type * as CliApp from "@effect/cli/CliApp"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Struct from "effect/Struct"
import manifest from "../../package.json" with { type: "json" }
import * as App from "../App.ts"
import * as Findings from "../config/Findings.ts"
import * as ListenOptions from "../config/ListenOptions.ts"
import { isGiven } from "../config/Options.ts"
import * as Resolve from "../config/Resolve.ts"
import type { Setting } from "../config/Setting.ts"
import { settings } from "../config/Settings.ts"
import * as Telemetry from "../config/Telemetry.ts"
import * as OpenFiles from "../process/OpenFiles.ts"
import * as PassedSockets from "../transports/PassedSockets.ts"
import * as CliQuirks from "./CliQuirks.ts"
import { complain, print, printUsage, Refused, refuse, refuseWords } from "./Complaint.ts"
import * as Completions from "./Completions.ts"
import * as Help from "./Help.ts"

const port = Args.text({ name: "port" }).pipe(
  Args.mapEffect((word) => {
    const problem = CliQuirks.portProblem(word)
    return problem === undefined ? Effect.succeed(word) : Effect.fail(HelpDoc.p(problem))
  }),
  Args.optional,
  Args.map(Option.getOrUndefined)
)

/** The text of a flag; undefined if it was not typed. */
const textOf = ({ flag, value }: Setting<unknown>): Options.Options<string | undefined> =>
  value === undefined
    ? Options.map(Options.boolean(flag), (isGiven) => (isGiven ? "true" : undefined))
    : Options.text(flag).pipe(Options.withPseudoName(value), Options.optional, Options.map(Option.getOrUndefined))

const flags = Options.all(Record.map(Struct.omit(settings, "port"), textOf))

/** Imported on use: a server does without them. */
const actions = Effect.promise(() => import("./Actions.ts"))

const command = Command.make(
  "partyline",
  {
    port,
    flags,
    isCheck: Options.boolean("check"),
    isPrint: Options.boolean("print-config"),
    isProbe: Options.boolean("probe")
  },
  ({ flags, isCheck, isPrint, isProbe, port }) =>
    Effect.gen(function* () {
      const logLevel = flags.logLevel ?? (yield* CliQuirks.logLevelText)
      const loaded = yield* Resolve.load({ ...flags, port, logLevel }, process.env)
      if (isPrint) return yield* (yield* actions).printConfig(loaded)
      const { configuration, reload } = loaded
      const listen = ListenOptions.of(configuration, PassedSockets.passed(process.env, process.pid))
      const mistakes = [...loaded.mistakes, ...listen.mistakes]
      if (isProbe) return yield* (yield* actions).probe(listen.options, mistakes)
      const limits = { ...Resolve.limitsOf(configuration), openFiles: OpenFiles.limit() }
      // Tracing is not essential: with wrong variables the program says so and starts without it.
      const tracing = Either.mapLeft(yield* Telemetry.tracing, (why) => `connections are not traced: ${why}`)
      const options = {
        ...listen.options,
        limits,
        logFormat: configuration.logFormat.value,
        motd: configuration.motd.value ?? "",
        opsToken: configuration.opsToken.value,
        web: Resolve.webOf(configuration),
        cluster: Resolve.clusterOf(configuration),
        reload,
        tracing: Either.getOrUndefined(tracing),
        warnings: [...loaded.warnings, ...listen.warnings, ...Option.toArray(Either.getLeft(tracing))]
      }
      if (isCheck) return yield* (yield* actions).check(options, mistakes)
      if (mistakes.length > 0) return yield* refuse(mistakes, loaded.warnings)
      const warnings = [...options.warnings, ...Findings.warnings(limits, options.cluster !== undefined)]
      const app = Layer.launch(App.layer({ ...options, warnings }))
      yield* Logger.withMinimumLogLevel(app, configuration.logLevel.value)
    })
)

/** Answers what needs no parsing, and otherwise runs the command. */
const execute = (args: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    const words = args.slice(2)
    // The help of @effect/cli has colours and no defaults; its completions do not complete values.
    if (words[0] === "help" || isGiven(words, ["--help", "-h"])) return print(Help.text(manifest.version).trimEnd())
    if (isGiven(words, ["--version", "-v", "-V"])) return print(manifest.version)
    const problems = CliQuirks.foreignProblems(words)
    if (problems.length > 0) return refuseWords(problems)
    const shell = Completions.shellOf(words)
    if (shell !== undefined) {
      const script = Completions.scripts[shell]
      return script === undefined ? refuseWords(["--completions must be bash, fish or zsh"]) : print(script())
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
      Cause.isDie(cause) ? Console.error(`partyline: a fault of partyline's own: ${Cause.pretty(cause)}`) : Effect.void
    ),
    Effect.tapErrorTag("BindError", ({ message }) => complain(message)),
    Effect.tapErrorTag("EngineError", ({ message }) => complain(message)),
    Effect.tapErrorTag("CertificateError", ({ message }) => complain(message)),
    // @effect/cli has printed its own message.
    Effect.tapError((error) => (ValidationError.isValidationError(error) ? printUsage : Effect.void)),
    Effect.mapError(() => new Refused())
  )

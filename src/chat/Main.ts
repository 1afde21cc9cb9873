/** `partyline chat`: its arguments, and the terminal or pipe of this process. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { following, Link } from "../client/Link.ts"
import { ArgumentError, type Destination, destination, parse } from "../kit/Arguments.ts"
import { chat as description } from "../kit/Options.ts"
import { Output } from "../kit/Output.ts"
import { run } from "../kit/Run.ts"
import type { Block } from "./Block.ts"
import { chat } from "./Chat.ts"
import * as HistoryFile from "./HistoryFile.ts"
import * as Plain from "./Plain.ts"
import { Screen } from "./Screen.ts"
import * as Terminal from "./Terminal.ts"

/** Hours and minutes of the user's time zone. */
const hours = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
const clock = (time: number): string => hours.format(time)

/** Colours are not wanted where NO_COLOR is set and not empty (no-color.org). */
const isColoured = (variables: NodeJS.ProcessEnv): boolean => (variables["NO_COLOR"] ?? "") === ""

/** A terminal, unless it knows no escape sequences or one end of the program is something else. */
const screen = ({ env, stdin, stdout }: NodeJS.Process): Layer.Layer<Screen> =>
  stdin.isTTY && stdout.isTTY && env["TERM"] !== "dumb"
    ? Terminal.layer({ input: stdin, output: stdout, isColoured: isColoured(env), clock })
    : Layer.provide(Plain.layer({ isInteractive: stdin.isTTY, clock }), Output.layer)

const historyFile = Layer.suspend(() => HistoryFile.HistoryFile.layer(HistoryFile.pathOf(process.env))).pipe(
  Layer.provide(NodeFileSystem.layer)
)

const warning: Block = {
  kind: "trouble",
  time: undefined,
  speaker: "",
  text: "INSECURE: the server's certificate is not checked. Anybody in between can read and change everything."
}

const read = (words: ReadonlyArray<string>): Effect.Effect<Destination, ArgumentError> =>
  Effect.gen(function* () {
    const given = yield* parse(description, words)
    const [first, second] = given.operands
    if (second !== undefined) {
      return yield* new ArgumentError({ message: `there can be one host, and not also ${JSON.stringify(second.text)}` })
    }
    const where = yield* destination(given, first?.text)
    if (where.target.name === undefined && !process.stdin.isTTY) {
      return yield* new ArgumentError({ message: "a name is missing: nobody can be asked for it, so write name@host" })
    }
    return where
  })

const start = ({ security, target }: Destination): Effect.Effect<number> =>
  Effect.gen(function* () {
    if (security?.isInsecure === true) yield* Effect.flatMap(Screen, ({ print }) => print(warning))
    return yield* chat({
      name: target.name,
      link: (name) => {
        const options = { name, reconnects: true, greeting: following }
        return security === undefined ? Link.layerTcp(target, options) : Link.layerTls(target, security, options)
      }
    })
  }).pipe(Effect.provide(Layer.merge(screen(process), historyFile)))

/** Runs the program with the words that follow its name. */
export const main = (words: ReadonlyArray<string>): Promise<void> =>
  run(description, Effect.flatMap(read(words), start))

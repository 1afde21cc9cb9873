/** The state of the chat, and what comes in and goes out: all of it data. */
import * as Chunk from "effect/Chunk"
import * as Data from "effect/Data"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import type { Command } from "../client/Command.ts"
import type { LinkEvent } from "../client/Link.ts"
import type { Block, Kind } from "./Block.ts"
import * as Editor from "./Editor.ts"
import * as History from "./History.ts"
import type { ScreenEvent } from "./Screen.ts"

/** A line on its way. The server answers PING behind it with PONG once it has been handled. */
export type Sending = Data.TaggedEnum<{
  /** To everybody, if `to` is undefined. `refusal` is what the server said against it. */
  Text: { readonly to: string | undefined; readonly text: string; readonly refusal: string | undefined }
  /** A line of the user's own making. Its replies are shown as they are. */
  Raw: { readonly line: string }
  /** HELP, sent for the limit in its last line. The rest of it is not shown. */
  Limit: {}
}>
export const Sending = Data.taggedEnum<Sending>()

/** A paste of several lines, which is sent only if the user says so. */
export interface Paste {
  readonly lines: ReadonlyArray<string>
  /** To everybody, if undefined. */
  readonly to: string | undefined
}

export interface Model {
  readonly columns: number
  /** Whether a person can be asked for another name. */
  readonly isInteractive: boolean
  /** The user's name. Empty while the user has to be asked for it. */
  readonly name: string
  readonly isOnline: boolean
  /** Why the link is lost, as it was last said. Empty if it is not. */
  readonly loss: string
  /** Attempts to connect since the link was last online. */
  readonly attempts: number
  /** The others in the room, from LIST, JOINED and LEFT alone: other lines can be forged. */
  readonly people: HashSet.HashSet<string>
  /** Most bytes of a line to the server. */
  readonly maxLine: number
  readonly editor: Editor.Editor
  readonly history: History.History
  readonly paste: Paste | undefined
  readonly sending: Chunk.Chunk<Sending>
  /** Lines from a pipe, which came before the connection was there. */
  readonly waiting: Chunk.Chunk<string>
  readonly isInputOver: boolean
  /** Set when the chat is over. */
  readonly exitCode: Option.Option<number>
}

/** The default of a server's --max-line, until HELP has told this server's. */
const MAX_LINE = 4096

export const initial = (options: {
  readonly columns: number
  readonly isInteractive: boolean
  readonly name: string
  readonly history: ReadonlyArray<string>
}): Model => ({
  columns: options.columns,
  isInteractive: options.isInteractive,
  name: options.name,
  isOnline: false,
  loss: "",
  attempts: 0,
  people: HashSet.empty(),
  maxLine: MAX_LINE,
  editor: Editor.empty,
  history: History.of(options.history),
  paste: undefined,
  sending: Chunk.empty(),
  waiting: Chunk.empty(),
  isInputOver: false,
  exitCode: Option.none()
})

/** Lines on their way, or waiting for a connection, from which on a pipe waits. */
const MOST_LINES = 1000

/** Whether a pipe may go on. */
export const isReady = ({ sending, waiting }: Model): boolean => sending.length + waiting.length < MOST_LINES

/** An event of the link. `time` is in milliseconds since 1970. */
export interface Linked {
  readonly _tag: "Linked"
  readonly event: LinkEvent
  readonly time: number
}

export type Event = ScreenEvent | Linked

export type Action = Data.TaggedEnum<{
  Print: { readonly block: Block }
  /** Connect under this name. */
  Connect: { readonly name: string }
  Say: { readonly command: Command }
  Ring: {}
  Remember: { readonly line: string }
  Suspend: {}
}>
export const Action = Data.taggedEnum<Action>()

/** The next state, and what has to be done. */
export type Step = readonly [model: Model, actions: ReadonlyArray<Action>]

export const print = (kind: Kind, text: string, time?: number): Action =>
  Action.Print({ block: { kind, time, speaker: "", text } })

export const printMessage = (kind: Kind, speaker: string, text: string, time: number): Action =>
  Action.Print({ block: { kind, time, speaker, text } })

/** Nothing is done: the reason is printed, and the bell rings. */
export const refusing = (model: Model, why: string): Step => [model, [print("trouble", why), Action.Ring()]]

/** One step after another, each from the state that the one before it left. */
export const inTurn = <A>(model: Model, all: Iterable<A>, step: (model: Model, one: A) => Step): Step => {
  const actions: Array<Action> = []
  let next = model
  for (const one of all) {
    const [after, more] = step(next, one)
    next = after
    actions.push(...more)
  }
  return [next, actions]
}

/** A screen without an input row shows no prompt. */
export const ASK_NAME = "Type a name for yourself: 1 to 32 letters and digits."

export const ending = (model: Model, exitCode: number): Model => ({ ...model, exitCode: Option.some(exitCode) })

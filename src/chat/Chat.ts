/** The chat: one state, folded over everything that happens, and drawn. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { type Command, quit } from "../client/Command.ts"
import { Link, type LinkEvent } from "../client/Link.ts"
import type { Block } from "./Block.ts"
import { HistoryFile } from "./HistoryFile.ts"
import { type Action, ASK_NAME, type Event, initial, isReady, type Linked } from "./Model.ts"
import { Screen } from "./Screen.ts"
import { update } from "./Update.ts"
import { inputRow } from "./View.ts"

/** How long the last commands may take to be sent when the user leaves. */
const LEAVE_PATIENCE = "1 second"

/** A line of the program's own, which is no event of the chat. */
const trouble = (text: string): Block => ({ kind: "trouble", time: undefined, speaker: "", text })
const question: Block = { kind: "notice", time: undefined, speaker: "", text: ASK_NAME }

/** Events of the link, with the time at which they were read. */
const timed = (events: Stream.Stream<LinkEvent>): Stream.Stream<Linked> =>
  Stream.mapChunksEffect(events, (some) =>
    Effect.map(Clock.currentTimeMillis, (time) => Chunk.map(some, (event): Linked => ({ _tag: "Linked", event, time })))
  )

/**
 * Connects as the user, and gives what the link reports. Commands are sent in the order in which they were offered, by a
 * fiber of its own: the user can go on typing while the server does not read. Whatever ends the stream, the last commands
 * and QUIT are sent. A command without a connection is dropped, and the model shows it as not confirmed.
 */
const connected = (commands: Queue.Dequeue<Command>) =>
  Effect.gen(function* () {
    const link = yield* Link
    const say = (some: Iterable<Command>) => Effect.ignore(link.say(...some))
    yield* Effect.addFinalizer(() =>
      Queue.takeAll(commands).pipe(
        Effect.flatMap((rest) => say([...rest, quit])),
        // In this order: the fiber that the timeout forks is not the one that is being interrupted.
        Effect.interruptible,
        Effect.timeoutOption(LEAVE_PATIENCE)
      )
    )
    yield* Effect.forkScoped(Stream.runForEachChunk(Stream.fromQueue(commands), say))
    return timed(link.events)
  }).pipe(Stream.unwrapScoped)

export interface Options {
  /** Undefined if the user has to be asked for it. */
  readonly name: string | undefined
  /** The link to the server under a name. */
  readonly link: (name: string) => Layer.Layer<Link>
}

/** Chats until the user leaves, and gives the exit code. */
export const chat = ({ link, name = "" }: Options): Effect.Effect<number, never, HistoryFile | Screen> =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const historyFile = yield* HistoryFile
    const names = yield* Queue.unbounded<string>()
    const commands = yield* Queue.unbounded<Command>()

    const act = (action: Action): Effect.Effect<unknown> => {
      switch (action._tag) {
        case "Print":
          return screen.print(action.block)
        case "Connect":
          return Queue.offer(names, action.name)
        case "Say":
          return Queue.offer(commands, action.command)
        case "Ring":
          return screen.ring
        case "Remember":
          return Effect.catchAll(historyFile.remember(action.line), ({ message }) => screen.print(trouble(message)))
        case "Suspend":
          return screen.suspend
      }
    }

    const history = yield* Effect.catchAll(historyFile.lines, ({ message }) =>
      Effect.as(screen.print(trouble(message)), [])
    )
    const first = initial({ columns: screen.columns, isInteractive: screen.isInteractive, name, history })
    if (name === "") yield* screen.print(question)
    else yield* Queue.offer(names, name)
    yield* screen.draw(inputRow(first))

    // One link after another: a name that is refused ends its link, and the user is asked for the next.
    const linked = Stream.flatMap(Stream.fromQueue(names), (name) =>
      Stream.provideSomeLayer(connected(commands), link(name))
    )
    return yield* Stream.merge(screen.events, linked).pipe(
      Stream.mapAccum(first, (model, event: Event) => {
        const [next, actions] = update(model, event)
        return [next, { model: next, actions }] as const
      }),
      Stream.takeUntil(({ model }) => Option.isSome(model.exitCode)),
      // All events that are already here are drawn once.
      Stream.chunks,
      Stream.filter(Chunk.isNonEmpty),
      Stream.tap((steps) =>
        Effect.gen(function* () {
          const { model } = Chunk.lastNonEmpty(steps)
          for (const { actions } of steps) yield* Effect.forEach(actions, act, { discard: true })
          yield* screen.draw(inputRow(model))
          yield* screen.takeLines(isReady(model))
        })
      ),
      Stream.runFold(0, (code, steps) => Option.getOrElse(Chunk.lastNonEmpty(steps).model.exitCode, () => code))
    )
  })

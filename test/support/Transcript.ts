import { readdirSync, readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import type { NothingMore, Person } from "./Person.ts"
import type { Log } from "./World.ts"

/**
 * A readable test: a conversation with one step per line.
 *
 *     A connects            A> a line from A        * the next line of the log
 *     A hangs up            A< the next line to A   # a comment
 *     A is disconnected     (with no unread line)
 *
 * `{port}` stands for the server's port, `{A}` for the descriptor of A's socket, and `{x*40}` for 40 times x.
 */
export interface Transcript {
  readonly name: string
  readonly steps: ReadonlyArray<string>
  /** Whether it has lines of the log. If so, it must have all of them. */
  readonly readsLog: boolean
}

const folder = new URL("../transcripts/", import.meta.url)

/** All transcripts of test/transcripts. */
export const transcripts = (): ReadonlyArray<Transcript> =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => {
      const lines = readFileSync(new URL(file, folder), "utf8").split("\n")
      const steps = lines.filter((line) => line !== "" && !line.startsWith("#"))
      return { name: file.replace(/\.txt$/, ""), steps, readsLog: steps.some((step) => step.startsWith("* ")) }
    })

interface Stage<R> {
  readonly connects: Effect.Effect<Person, never, R>
  readonly port: number
  readonly log: Log
}

/** Plays a transcript on a server. Fails at the first step that differs. */
export const play = <R>(transcript: Transcript, { connects, log, port }: Stage<R>) =>
  Effect.gen(function* () {
    const people = new Map<string, Person>()
    const filled = (text: string) =>
      text
        .replace("{port}", String(port))
        .replace(/\{([A-Z])\}/g, (_, name: string) => String(people.get(name)?.fd))
        .replace(/\{(.)\*(\d+)\}/g, (_, letter: string, count: string) => letter.repeat(Number(count)))
    const person = (name: string): Person => {
      const found = people.get(name)
      if (found === undefined) throw new Error(`${name} has not connected`)
      return found
    }

    for (const step of transcript.steps) {
      const [, name = "", action, text = ""] = /^([A-Z*])(> ?|< ?| )(.*)$/.exec(step) ?? []
      if (name === "*") assert.strictEqual(yield* log.next, filled(text), step)
      else if (action?.startsWith(">")) yield* person(name).types(filled(text))
      else if (action?.startsWith("<")) assert.strictEqual(yield* heard(person(name), step), filled(text), step)
      else if (text === "connects") people.set(name, yield* connects)
      else if (text === "hangs up") yield* person(name).hangsUp
      else if (text === "is disconnected") assert.deepStrictEqual(yield* person(name).isLeft, [], step)
      else throw new Error(`not a step: ${step}`)
    }
    if (transcript.readsLog) assert.deepStrictEqual(log.unread, [], "the log says no more than the transcript")
  })

const heard = (person: Person, step: string) =>
  Effect.orDieWith(
    person.hears,
    ({ unfinished }: NothingMore) => new Error(`disconnected before: ${step} (${unfinished})`)
  )

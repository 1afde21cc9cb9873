/**
 * A node of a room whose users have no connections, as a program of its own: `contender.mjs <port of Redis> <cap>`. It does
 * what its standard input says: `join <prefix> <count>` asks for names one by one and prints how often each answer came,
 * `fill <prefix> <count>` registers as a node does that comes back. See Contender.ts.
 */
import { createInterface } from "node:readline"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { attach } from "../../src/cluster/Attachment.ts"
import { START } from "../../src/cluster/Entry.ts"
import { Inbox } from "../../src/cluster/Inbox.ts"
import * as NodeScripts from "../../src/cluster/NodeScripts.ts"
import * as SeatScripts from "../../src/cluster/SeatScripts.ts"
import { BEAT } from "../../src/Limits.ts"
import { addressOf } from "./addressOf.ts"

const [port, cap] = process.argv.slice(2).map(Number)
const lease = Duration.seconds(8)
const id = crypto.randomUUID()

/** On a busy machine an answer may take longer than a node waits for it. */
const again = Schedule.spaced(BEAT)

const contend = Effect.gen(function* () {
  const former = { run: "", ids: [] }
  const node = { id, cap: cap ?? 0, epoch: "", run: "", inbox: "", former, position: START, highest: 0, nodes: [] }
  const attached = yield* attach({ address: addressOf(port ?? 0), room: "main", lease }, node)
  const beat = attached.runBeside(NodeScripts.beat, [id, Duration.toMillis(lease)])
  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(beat), Schedule.spaced(BEAT)))
  yield* Effect.forkScoped(
    Effect.retry(
      new Inbox().pull(attached, () => {}),
      again
    )
  )
  console.log("attached")

  const join = (names: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const counts = { joined: 0, taken: 0, full: 0, invalid: 0, settling: 0 }
      const ask = (name: string) =>
        Effect.map(Effect.retry(attached.run(SeatScripts.join, [id, name, 5, name, name]), again), ([answer]) => {
          counts[answer]++
        })
      yield* Effect.forEach(names, ask, { concurrency: 64, discard: true })
      console.log(JSON.stringify(counts))
    })

  const fill = (names: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      for (let from = 0; from < names.length; from += 500) {
        const seats = names.slice(from, from + 500).flatMap((name, at) => [name, from + at, name, 5, name, "-"])
        yield* Effect.retry(attached.run(SeatScripts.restore, [id, ...seats]), again)
      }
      console.log("filled")
    })

  const lines = Stream.fromAsyncIterable(createInterface(process.stdin), String)
  yield* Stream.runForEach(lines, (line) => {
    const [order, prefix, count] = line.split(" ")
    const names = Array.from({ length: Number(count) }, (_, index) => `${prefix}${index}`)
    return order === "fill" ? fill(names) : join(names)
  })
})

Effect.runFork(Effect.scoped(contend))

import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { render } from "../../src/status/StatusLine.ts"
import type { Log } from "../support/World.ts"
import { cleaned } from "./Bytes.ts"
import type { Client } from "./Client.ts"
import { chunks } from "./Input.ts"
import type { Model } from "./Model.ts"
import type { Random } from "./Random.ts"
import { opening, requests } from "./Requests.ts"
import type { RoomKind, World } from "./RoomKind.ts"
import { Violation } from "./Violation.ts"
import type { VirtualClock } from "./VirtualClock.ts"

const CLIENTS = 8

/** Actions and status lines in order, for the report of a failure. */
export type Trace = Array<string>

type Person = Effect.Effect.Success<World["connects"]>

export interface Parts {
  readonly random: Random
  readonly clock: VirtualClock
  readonly kind: RoomKind
  readonly nodes: ReadonlyArray<World>
  /** The log of all of them, and the descriptors that are open. */
  readonly log: Log
  readonly open: ReadonlySet<number>
  readonly model: Model
  readonly trace: Trace
}

/** A server and clients with random actions. Each step ends with a comparison of the server and the model. */
export class Round {
  private readonly random: Random
  private readonly clock: VirtualClock
  private readonly kind: RoomKind
  private readonly nodes: ReadonlyArray<World>
  private readonly log: Log
  private readonly open: ReadonlySet<number>
  private readonly model: Model
  private readonly trace: Trace
  private readonly people = new Map<Client, Person>()
  private logged = 0

  constructor({ clock, kind, log, model, nodes, open, random, trace }: Parts) {
    this.random = random
    this.clock = clock
    this.kind = kind
    this.nodes = nodes
    this.log = log
    this.open = open
    this.model = model
    this.trace = trace
  }

  readonly plays: Effect.Effect<void> = Effect.gen(this, function* () {
    for (let steps = 20 + this.random.below(30); steps > 0; steps--) {
      if (this.random.chance(12)) yield* this.waits(this.random.pick([1, 700, 2000, 5000, 5000, 12_000, 40_000]))
      else {
        for (let at = this.random.below(3); at >= 0; at--) {
          yield* this.acts()
          yield* this.kind.betweenActs
        }
        yield* this.kind.quiet
        this.looks()
      }
    }
    yield* this.random.chance(50) ? this.everybodyLeaves : Effect.void
    yield* this.shutsDown
  })

  private readonly waits = (millis: number) => {
    this.trace.push(`${millis} ms go by`)
    return this.clock.passes(millis, () => this.looks())
  }

  /** A random action of a random client. */
  private acts(): Effect.Effect<void> {
    const there = [...this.people].filter(([client]) => client.broken === undefined)
    const [client, person] = there[this.random.below(there.length)] ?? []
    if (client === undefined || person === undefined) return this.connects
    const { random } = this
    const did = (what: string) => this.trace.push(`(${client.fd}) ${what}`)
    switch (random.below(20)) {
      case 0:
      case 1:
      case 2:
        return there.length < CLIENTS ? this.connects : this.sends(client, person, this.somethingToSend())
      case 3:
      case 4:
        did("stops reading")
        client.stalledAt ??= this.clock.now
        client.wasStalled = true
        return person.stalls
      case 5:
      case 6: {
        did("reads again")
        client.stalledAt = undefined
        return person.resumes
      }
      case 7: {
        const bytes = random.below(200)
        did(`takes ${bytes} bytes`)
        return client.stalledAt === undefined ? Effect.void : person.takes(bytes)
      }
      case 8:
        if (random.chance(50)) return Effect.void
        did("hangs up")
        client.hasHungUp = true
        return person.hangsUp
      case 9:
        if (random.chance(50)) return Effect.void
        return this.breaks(client, person)
      default:
        return this.sends(client, person, this.somethingToSend())
    }
  }

  private readonly connects = Effect.suspend(() => {
    // The new client may get the descriptor of a client that unread status lines are about.
    this.readsLog()
    const node = this.nodes.length > 1 ? this.random.below(this.nodes.length) : 0
    return Effect.flatMap(this.nodes[node]?.connects ?? Effect.die("no node"), (person) => {
      const client = this.model.connects(person.fd, this.clock.now, node)
      this.people.set(client, person)
      this.trace.push(node > 0 ? `(${client.fd}) connects to node ${node}` : `(${client.fd}) connects`)
      return this.sends(client, person, opening(this.random, this.model.secrets))
    })
  })

  private somethingToSend(): ReadonlyArray<Buffer> {
    return this.random.chance(35) ? requests(this.random, this.model.secrets) : chunks(this.random)
  }

  private sends(client: Client, person: Person, pieces: ReadonlyArray<Buffer>): Effect.Effect<void> {
    if (client.hasHungUp) return Effect.void
    return Effect.forEach(
      pieces.filter(({ length }) => length > 0),
      (bytes) => {
        this.trace.push(`(${client.fd}) sends ${JSON.stringify(bytes.toString("latin1"))}`)
        client.sends(bytes, this.clock.now)
        return person.sends(bytes)
      },
      { discard: true }
    )
  }

  private breaks(client: Client, person: Person): Effect.Effect<void> {
    client.broken = this.random.pick(["ECONNRESET", "EPIPE", "ETIMEDOUT"])
    this.trace.push(`(${client.fd}) breaks: ${client.broken}`)
    return person.breaks(client.broken)
  }

  /** Waits until no sender can still wait for a recipient. Then all clients read their output and hang up. */
  private readonly everybodyLeaves: Effect.Effect<void> = Effect.gen(this, function* () {
    yield* this.waits(this.model.rules.patience * (CLIENTS + 1))
    for (const client of this.people.keys()) {
      if (client.isThere && !client.isDone) throw new Violation(`(${client.fd}) was held longer than the patience`)
    }
    this.trace.push("everybody reads and hangs up")
    for (const [client, person] of this.people) {
      client.stalledAt = undefined
      yield* person.resumes
      client.hasHungUp = true
      yield* person.hangsUp
    }
    yield* this.kind.quiet
    this.looks()
    for (const client of this.people.keys()) if (client.isThere) throw new Violation(`(${client.fd}) is still there`)
  })

  private readonly shutsDown: Effect.Effect<void> = Effect.gen(this, function* () {
    for (const [node, { shutsDown }] of this.nodes.entries()) {
      this.trace.push(node > 0 ? `node ${node} shuts down` : "the server shuts down")
      this.model.shuttingDown = node
      const end = yield* Effect.fork(shutsDown)
      yield* this.kind.quiet
      this.looks()
      yield* this.waits(this.model.rules.drainTimeout)
      yield* Fiber.join(end)
    }
    for (const client of this.people.keys()) {
      if (client.isThere) throw new Violation(`(${client.fd}) has no leaving line`)
    }
    if (this.open.size > 0) throw new Violation(`${this.open.size} connections outlive the server`)
  })

  /** Compares the server with the model, at a quiet point. */
  private looks(): void {
    const { model, people } = this
    this.readsLog()
    for (const { from, to } of model.moves.splice(0)) {
      from.expects.hears(people.get(from)?.received() ?? Buffer.alloc(0))
      if (from.node === to.node) to.expects.inherits(from.expects, model.isRoomy)
      else to.expects.mayInherit(from.expects, from.discarded)
    }
    for (const [client, person] of people) client.expects.hears(person.received())
    model.settles()
    for (const client of people.keys()) this.looksAt(client)
    this.countsSeats()
  }

  private readsLog(): void {
    const { clock, model } = this
    const { events } = this.log
    for (; this.logged < events.length; this.logged++) {
      const event = events[this.logged]
      if (event === undefined || !("fd" in event)) continue
      const line = render(event)
      this.trace.push(`    ${line}`)
      if (cleaned(line) !== line) throw new Violation(`the log has control characters: ${JSON.stringify(line)}`)
      if (event.event !== "accepted" && event.event !== "handlerAssigned") model.logs(event.fd, line, clock.now)
    }
  }

  private looksAt(client: Client): void {
    const { clock, model } = this
    const { drainTimeout, joinTimeout } = model.rules
    if (client.isThere && !client.isDone && !model.isHeld(client))
      throw new Violation(`(${client.fd}) is not heard, although nobody holds it back`)
    if (client.isThere && client.isOver(clock.now) && !model.isHeld(client))
      throw new Violation(`(${client.fd}) has quit, or does not speak lines, and is still there`)
    if (client.isThere && model.mustBeCut(client))
      throw new Violation(`(${client.fd}) is not cut, although it takes no notices`)
    const isExpected = client.name === undefined && !client.awaitsHead(clock.now)
    if (client.isThere && isExpected && clock.now - client.since > joinTimeout)
      throw new Violation(`(${client.fd}) has not registered in time and is still there`)
    if (client.leftAt !== undefined && clock.now - client.leftAt > drainTimeout && client.stalledAt !== undefined)
      return
    if (client.stalledAt !== undefined || client.broken !== undefined || client.leftDeaf) return
    const missing = client.expects.missing((source) => {
      const sender = source === "itself" ? client : model.speaker(source)
      return sender !== undefined && client.isThere && model.isHeld(sender)
    })
    if (missing !== undefined) throw new Violation(`(${client.fd}) has not heard ${JSON.stringify(missing)}`)
  }

  private countsSeats(): void {
    const { clock, kind, model, nodes, open, people } = this
    const seats = kind.seats(nodes).join()
    const registered = model.members.map(({ fd, name }) => `${name} (${fd})`).join()
    if (seats !== registered) throw new Violation(`seats: ${seats}, and not ${registered}`)
    const all = [...people.keys()]
    const there = all.filter(({ isThere }) => isThere).length
    const closing = all.filter(
      ({ broken, leftAt, stalledAt }) =>
        leftAt !== undefined &&
        stalledAt !== undefined &&
        broken === undefined &&
        clock.now - leftAt <= model.rules.drainTimeout
    ).length
    if (open.size < there || open.size > there + closing)
      throw new Violation(`${open.size} connections are open, but ${there} clients there and ${closing} closing`)
  }
}

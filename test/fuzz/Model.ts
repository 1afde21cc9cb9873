/** A model of the room, simple enough to check by reading. It derives the output of each client from the status log. */
import { cleaned, type Item, shownName } from "./Bytes.ts"
import { Client } from "./Client.ts"
import type { Reply } from "./Expectation.ts"
import { message } from "./Messages.ts"
import type { Secrets } from "./Requests.ts"
import { Violation } from "./Violation.ts"

export interface Rules {
  readonly maxUsers: number
  readonly maxLine: number
  readonly outbox: number
  /** This and the timeouts are in milliseconds. */
  readonly patience: number
  readonly joinTimeout: number
  readonly idleTimeout: number
  readonly drainTimeout: number
}

/** Bytes of an outbox that cannot become full in one round. */
export const ROOMY = 1_000_000

const UNREGISTERED = 'Unregistered User. Use "JOIN <username>" to Register.'
const RULE = "-".repeat(28)
const REFUSALS = 5
/** As many bytes as a line about the room has at most. */
const LONGEST_NOTICE = 41

const help = (maxLine: number): ReadonlyArray<Reply> =>
  [
    "JOIN <username>            register: 1 to 32 letters and digits",
    "LIST                       show who is registered",
    "MESG <username> <message>  send to one user",
    "BCST <message>             send to everybody else",
    "PING                       answered PONG once the lines before it are handled",
    "WATCH, UNWATCH             show who joins and leaves, or stop",
    "KEY                        get a key for RECLAIM",
    "RECLAIM <username> <key>   take your name back after a lost connection",
    "QUIT                       leave",
    `A line holds at most ${maxLine} bytes.`
  ].map((text, index) => ({ text, joined: index > 0 }))

const isName = (name: string): boolean => /^[A-Za-z0-9]{1,32}$/.test(name)
const isSame = (name: string | undefined, other: string): boolean => name?.toLowerCase() === other.toLowerCase()
const row = (name: string, fd: number | string): string => `${name.padEnd(22)} ${fd}`

export class Model {
  readonly rules: Rules
  readonly clients: Array<Client> = []
  /** The node that shuts down, or was the last to do so. */
  shuttingDown: number | undefined
  /** Seats that have moved since the last quiet point, from one connection to another. */
  readonly moves: Array<{ readonly from: Client; readonly to: Client }> = []
  private readonly byDescriptor = new Map<number, Client>()
  /** Members in the order of registration. Members that left since the last quiet point may still have a seat. */
  private seated: Array<Client> = []
  /** The client that speaks with that voice now. */
  private readonly speakers = new Map<number, Client>()
  /** How many quiet points there were. */
  private epoch = 0
  /** Members that have left since the last quiet point. */
  private leavers: Array<Client> = []
  /** Clients whose seats were refused to a right key, or are another's: they must be about to leave. */
  private leaving: Array<Client> = []

  constructor(rules: Rules) {
    this.rules = rules
  }

  get members(): ReadonlyArray<Client> {
    return this.seated.filter(({ isSeated }) => isSeated)
  }

  /** The keys that anybody was given. Those of clients that do not read are wanted most. */
  get secrets(): Secrets {
    const secretsOf = ({ expects, name = "" }: Client) => expects.keys.map((key) => ({ name, key }))
    const wanted = this.members.filter(({ stalledAt }) => stalledAt !== undefined)
    return {
      valid: [...this.members, ...wanted, ...wanted].flatMap((client) => secretsOf(client).slice(-1)),
      stale: this.clients.flatMap(secretsOf)
    }
  }

  /** The client that speaks, or spoke last, with that voice. */
  speaker(source: number): Client | undefined {
    return this.speakers.get(source) ?? this.clients[source]
  }

  get isRoomy(): boolean {
    return this.rules.outbox >= ROOMY
  }

  connects(fd: number, now: number, node: number): Client {
    const before = this.byDescriptor.get(fd)
    if (before?.isThere === true) throw new Violation(`descriptor ${fd} names two clients`)
    const client = new Client(this.clients.length, fd, now, this.rules.maxLine, node)
    this.clients.push(client)
    this.byDescriptor.set(fd, client)
    return client
  }

  /** Whether lines of the client may wait for a recipient that does not read, now or since the last quiet point. */
  isHeld(client: Client): boolean {
    const waits = (other: Client) =>
      other.expects.lacks(client.source) || (other === client && client.expects.lacksReplies)
    return client.wasHeld || this.clients.some((other) => other.isThere && other.wasStalled && waits(other))
  }

  /** A quiet point: all seats of clients that left are free. */
  settles(): void {
    for (const client of this.leaving)
      if (client.isThere) throw new Violation(`the seat of (${client.fd}) is lost, and it is still there`)
    for (const { fd, isMoving } of this.seated)
      if (isMoving) throw new Violation(`(${fd}) was reclaimed, and nobody has its seat`)
    this.leaving = []
    this.leavers = []
    this.epoch++
    this.seated = this.seated.filter(({ isThere }) => isThere)
    for (const client of this.clients) {
      client.wasStalled = client.stalledAt !== undefined
      client.wasHeld = false
    }
    for (const client of this.clients) {
      client.wasHeld = this.isHeld(client)
      if (client.wasHeld) continue
      for (const other of this.clients) if (!other.wasStalled && other.isThere) other.expects.forgets(client.source)
      client.watch.isSure = true
      if (client.isThere) client.answers()
    }
    for (const { expects } of this.clients) expects.recent = 0
    for (const { expects, isThere, wasStalled } of this.clients) if (isThere && !wasStalled) expects.notices.forget()
    this.comparesKeys()
  }

  /** Each key is new. */
  private comparesKeys(): void {
    const keys = this.clients.flatMap(({ expects }) => expects.keys)
    if (new Set(keys).size < keys.length) throw new Violation("a key was given twice")
  }

  /** Checks a status line about the client with this descriptor. */
  logs(fd: number, line: string, now: number): void {
    const client = this.byDescriptor.get(fd)
    if (client === undefined || !client.isThere) throw new Violation(`${line}: nobody is there any more`)
    const perhaps = client.perhapsDue
    client.perhapsDue = undefined
    const due = client.due.shift()
    if (perhaps?.line === line) client.expects.reply({ text: perhaps.reply })
    else if (due !== undefined) is(line, due)
    else if (!this.discards(client, line) && !this.leaves(client, line, now)) {
      const item = client.next()
      if (item === undefined) throw new Violation(`${line}: it has not sent that`)
      this.performs(client, item, line, now)
    }
    client.heardAt = now
  }

  /** Whether the line says how many lines were dropped because the seat has moved to another node. */
  private discards(client: Client, line: string): boolean {
    const count = /^Client \(\d+\): (\d+) Lines Discarded\.$/.exec(line)?.[1]
    client.discarded += Number(count ?? 0)
    return count !== undefined
  }

  /** Whether the line is a leaving line. Throws if its reason does not hold. */
  private leaves(client: Client, line: string, now: number): boolean {
    const me = `Client (${client.fd})`
    const registered = client.name !== undefined
    const { idleTimeout, joinTimeout, patience } = this.rules
    const end = (isRight: boolean, farewell?: string | number): boolean => {
      if (!isRight) throw new Violation(`${line}: there is no reason for that`)
      this.ends(client, now, farewell)
      return true
    }
    switch (line) {
      case `${me}: Disconnecting User.`:
        return end(client.isQuitting === "QUIT" && registered)
      case `Unable to Locate ${me} in Database. Disconnecting User.`:
        return end(client.isQuitting === "QUIT" && !registered)
      case `${me}: Connection Closed. Disconnecting User.`:
        client.answers()
        return end(client.hasHungUp && client.isDone && !client.isOver(now))
      case `${me}: Connection Error (${client.broken}). Disconnecting User.`:
        return end(client.broken !== undefined)
      case `${me}: Slow Consumer. Disconnecting User.`:
        return end(this.isLate(client, now - patience) || this.isSwamped(client) || this.isFlooded(client))
      case `${me}: Registration Timed Out. Disconnecting User.`:
        return end(
          !registered && now - client.since >= joinTimeout && typeof client.beginning !== "object",
          "Registration Timed Out. Disconnecting User."
        )
      case `${me}: Idle Too Long. Disconnecting User.`:
        return end(registered && now - client.heardAt >= idleTimeout, "Idle Too Long. Disconnecting User.")
      case `${me}: Server Shutting Down. Disconnecting User.`:
        return end(client.node === this.shuttingDown, "Server Shutting Down. Disconnecting User.")
      case `${me}: Session Reclaimed. Disconnecting User.`:
        client.isMoving = registered && client.key !== undefined && !client.hasMoved
        client.expects.isLosingSeat ||= client.isMoving
        return end(client.isMoving || client.hasMoved, "Session Reclaimed. Disconnecting User.")
      case `${me}: Too Many Attempts. Disconnecting User.`:
        return end(client.isQuitting === "Too Many Attempts", "Too Many Attempts. Disconnecting User.")
      case `${me}: ${client.beginning}. Disconnecting User.`:
        return end(client.isForeign)
      case `${me}: HTTP Request. Disconnecting User.`:
        return typeof client.beginning === "object" ? end(client.isOver(now), client.beginning.status) : end(false)
      default:
        return false
    }
  }

  /** Whether messages can have waited for this client since then. Its patience begins anew when it has reclaimed a seat. */
  private isLate({ reclaimedAt, stalledAt }: Client, then: number): boolean {
    return stalledAt !== undefined && Math.max(stalledAt, reclaimedAt) <= then
  }

  /** Whether more members than there are seats have left, and may have left lines, since the client stopped reading. */
  private isSwamped({ stalledAt, waitedSince }: Client): boolean {
    if (stalledAt === undefined) return false
    const since = Math.min(stalledAt, waitedSince)
    const left = this.clients.filter(
      ({ leftAt, name }) => name !== undefined && leftAt !== undefined && leftAt >= since
    )
    return left.length > this.rules.maxUsers
  }

  /** Whether notices may have come to a client that WATCHes when twice its outbox was full. */
  private isFlooded({ expects, watch }: Client): boolean {
    return (watch.isOn || !watch.isSure) && expects.mostBytes > 2 * this.rules.outbox
  }

  /** Whether it must have been cut by now, because it has not taken its notices. */
  mustBeCut({ expects }: Client): boolean {
    return expects.notices.bytes(false) - LONGEST_NOTICE > 2 * this.rules.outbox
  }

  private ends(client: Client, now: number, farewell: string | number | undefined): void {
    const reads = !client.wasStalled && client.broken === undefined
    const isHeld = (id: number) => {
      const source = this.speaker(id)
      return source !== undefined && this.isHeld(source)
    }
    // A small outbox can be full for a moment, and its sender held, although its client reads.
    const isSure = (id: number) => client.isMoving || (reads && !isHeld(id) && this.isRoomy)
    const repliesAre = reads && !this.isHeld(client) && (this.isRoomy || !client.isMoving)
    client.expects.ends(farewell, repliesAre, isSure)
    client.leftAt = now
    client.leftDeaf = !reads
    if (client.name === undefined || client.isMoving || client.hasMoved) return
    this.leavers.push(client)
    const isSilent = farewell === "Server Shutting Down. Disconnecting User."
    this.notifies(client, true, isSilent ? ({ node }) => node !== client.node : undefined)
  }

  /** Tells those who WATCH that this member has come or left. */
  private notifies(member: Client, isLeft: boolean, isTold: (other: Client) => boolean = () => true): void {
    for (const other of this.members.filter(isTold)) {
      const { isOn, isSure } = other.watch
      if (other !== member && (isOn || !isSure)) other.expects.notice(this.notice(member, isLeft, isOn && isSure))
    }
  }

  private notice({ name = "", source }: Client, isLeft: boolean, isSure: boolean) {
    return { text: `${isLeft ? "LEFT" : "JOINED"} ${name}`, source, name, isLeft, epoch: this.epoch, isSure }
  }

  private performs(client: Client, item: Exclude<Item, { readonly answer: string }>, line: string, now: number) {
    const me = `Client (${client.fd})`
    const text = item === "too long" ? "" : item.line
    const [word = "", ...words] = text.split(" ")
    const rest = words.join(" ")
    const reply = (said: string) => {
      client.expects.reply({ text: said })
    }
    if (word === "QUIT") {
      is(line, `${me}: QUIT`)
      return client.quits("QUIT")
    }
    // The commands before have been carried out.
    client.watch.isSure = true
    if (word === "HELP") {
      is(line, `${me}: HELP`)
      return client.expects.reply(...help(this.rules.maxLine))
    }
    if (client.name === undefined) {
      if (word === "JOIN") return this.joins(client, rest, line, now)
      if (word === "RECLAIM") return this.reclaims(client, words[0] ?? "", words.slice(1).join(" "), line, now)
      const isKnown = ["LIST", "MESG", "BCST", "PING", "WATCH", "UNWATCH", "KEY"].includes(word)
      const request = isKnown ? word : "UNKNOWN Message"
      is(line, `Unable to Locate ${me} in Database. Discarding ${request}.`)
      return reply(UNREGISTERED)
    }
    if (item === "too long") {
      is(line, `${me}: Message Too Long. Discarding Message.`)
      return reply("Message Too Long. Discarding Message.")
    }
    switch (word) {
      case "JOIN":
      case "RECLAIM":
        is(line, `${me}: User Already Registered. Discarding ${word}.`)
        return reply(`User Already Registered: Username (${client.name}), FD (${client.fd})`)
      case "LIST":
        is(line, `${me}: LIST`)
        return client.expects.reply(...this.table())
      case "PING":
        is(line, `${me}: PING`)
        return reply("PONG")
      case "WATCH":
      case "UNWATCH":
        is(line, `${me}: ${word}`)
        this.watches(client, word === "WATCH")
        return reply(`${word} Request Accepted`)
      case "KEY":
        is(line, `${me}: KEY`)
        client.keysAsked++
        return client.expects.reply({ text: "KEY", isKey: true })
      case "BCST":
        is(line, `${me}: BCST`)
        return this.broadcasts(client, client.name, cleaned(rest))
      case "MESG": {
        const [name = "", ...text] = words
        is(line, name === "" ? `${me}: MESG` : `${me}: MESG ${shownName(name)}`)
        return this.messages(client, client.name, name, cleaned(text.join(" ")))
      }
      default:
        is(line, `${me}: Unrecognizable Message. Discarding UNKNOWN Message.`)
        return reply("Unknown Message. Discarding UNKNOWN Message.")
    }
  }

  private messages(client: Client, sender: string, name: string, text: string) {
    if (name === "" || text === "")
      return client.expects.reply({ text: 'Incomplete MESG. Use "MESG <username> <message>".' })
    const named = this.seated.filter((other) => isSame(other.name, name) && isName(name))
    const recipient = named.find(({ isSeated }) => isSeated)
    if (recipient !== undefined) return recipient.expects.message(client.source, sender, message(sender, text, true))
    const line = `Unable to Locate Recipient (${shownName(name)}) in Database. Discarding MESG.`
    const reply = `Unknown Recipient (${shownName(name)}). MESG Discarded.`
    if (named.length > 0) client.perhapsDue = { line, reply }
    else {
      client.due.push(line)
      client.expects.reply({ text: reply })
    }
  }

  private broadcasts(client: Client, sender: string, text: string) {
    if (text === "") return client.expects.reply({ text: 'Incomplete BCST. Use "BCST <message>".' })
    for (const other of this.members)
      if (other !== client) other.expects.message(client.source, sender, message(sender, text, false))
  }

  private table(): ReadonlyArray<Reply> {
    const rows = this.seated.map(({ fd, isSeated, name = "" }) => ({ text: row(name, fd), optional: !isSeated }))
    const rest = [{ text: RULE }, ...rows, { text: RULE }].map((line) => ({ ...line, joined: true }))
    return [{ text: row("USERNAME", "FD") }, ...rest]
  }

  private watches(client: Client, isOn: boolean): void {
    const { watch } = client
    if (watch.isOn === isOn && watch.isSure) return
    // Without room for the reply, that has to wait.
    client.watch = { isOn, isSure: this.isRoomy }
    // Clients whose leaving lines are written may not have given their seats back yet.
    if (isOn) for (const member of this.leavers) client.expects.notice(this.notice(member, true, false))
    // Without room, notices that wait behind the reply are dropped.
    else client.expects.notices.loosen(({ epoch, isLeft }) => !this.isRoomy || (isLeft && epoch === this.epoch))
  }

  private reclaims(client: Client, name: string, key: string, line: string, now: number): void {
    const me = `Client (${client.fd})`
    const named = isName(name) ? this.seated.filter((other) => isSame(other.name, name)) : []
    if (line === `${me}: Unable to Reclaim. Discarding RECLAIM.`) {
      const refused = named.filter((other) => other.isThere && other.key?.text === key && other.key.isLast)
      this.leaving.push(...refused)
      client.expects.reply({ text: `Unable to Reclaim (${shownName(name)}). RECLAIM Discarded.` })
      client.refusals++
      if (client.refusals === REFUSALS) client.quits("Too Many Attempts")
      return
    }
    // Another node may be told of it later than the one that asked.
    const former = named.find(({ isMoving, isThere, node }) => isMoving || (isThere && node !== client.node))
    if (former === undefined) throw new Violation(`${line}: it cannot have that seat`)
    is(line, `${me}: RECLAIM ${former.name}`)
    // A KEY that has to wait for room gives a new key only then.
    if (former.key?.text !== key || (!former.key.isLast && this.isRoomy))
      throw new Violation(`${line}: that is not the key, which is ${former.key?.text}`)
    if (former.isThere) this.leaving.push(former)
    former.isMoving = false
    former.hasMoved = true
    former.expects.isLosingSeat = true
    client.name = former.name
    client.source = former.source
    client.reclaimedAt = now
    if (former.node === client.node) client.waitedSince = Math.min(former.stalledAt ?? now, former.waitedSince)
    this.speakers.set(client.source, client)
    this.seated = this.seated.map((other) => (other === former ? client : other))
    for (const { expects } of this.clients) {
      expects.loosensReply(row(former.name ?? "", former.fd), row(former.name ?? "", client.fd))
    }
    this.moves.push({ from: former, to: client })
    client.expects.reply({ text: `RECLAIM ${former.name} Request Accepted` })
  }

  private joins(client: Client, name: string, line: string, now: number) {
    const me = `Client (${client.fd})`
    const same = this.seated.filter((other) => isSame(other.name, name))
    const isTaken = same.some(({ isSeated }) => isSeated)
    const isFull = this.members.length >= this.rules.maxUsers
    const must = (isRight: boolean) => {
      if (!isRight) throw new Violation(`${line}: that is not so (JOIN ${name})`)
    }
    switch (line) {
      case `${me}: JOIN ${name}`:
        must(!isFull && !isTaken && isName(name))
        client.name = name
        this.notifies(client, false)
        this.seated.push(client)
        return client.expects.reply({ text: `JOIN ${name} Request Accepted` })
      case `${me}: Username Already Taken. Discarding JOIN.`:
        must(!isFull && same.length > 0)
        return client.expects.reply({ text: `Username Already Taken (${shownName(name)}). JOIN Discarded.` })
      case `${me}: Invalid Username. Discarding JOIN.`:
        must(!isFull && !isTaken && !isName(name))
        return client.expects.reply({ text: `Invalid Username (${shownName(name)}). JOIN Discarded.` })
      default:
        is(line, `${me}: Database Full. Disconnecting User.`)
        must(this.seated.length >= this.rules.maxUsers)
        return this.ends(client, now, "Too Many Users. Disconnecting User.")
    }
  }
}

const is = (line: string, expected: string): void => {
  if (line !== expected) throw new Violation(`the log says ${JSON.stringify(line)}, not ${JSON.stringify(expected)}`)
}

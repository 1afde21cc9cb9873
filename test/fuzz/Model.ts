/** A model of the room, simple enough to check by reading. It derives the output of each client from the status log. */
import { cleaned, type Item, shownName } from "./Bytes.ts"
import { Client } from "./Client.ts"
import { type Reply, Violation } from "./Expectation.ts"

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
const isName = (name: string): boolean => /^[A-Za-z0-9]{1,32}$/.test(name)
const row = (name: string, fd: number | string): string => `${name.padEnd(22)} ${fd}`

export class Model {
  readonly rules: Rules
  readonly clients: Array<Client> = []
  isShuttingDown = false
  private readonly byDescriptor = new Map<number, Client>()
  /** Members in the order of registration. Members that left since the last quiet point may still have a seat. */
  private seated: Array<Client> = []

  constructor(rules: Rules) {
    this.rules = rules
  }

  get members(): ReadonlyArray<Client> {
    return this.seated.filter(({ isThere }) => isThere)
  }

  connects(fd: number, now: number): Client {
    const before = this.byDescriptor.get(fd)
    if (before?.isThere === true) throw new Violation(`descriptor ${fd} names two clients`)
    const client = new Client(this.clients.length, fd, now, this.rules.maxLine)
    this.clients.push(client)
    this.byDescriptor.set(fd, client)
    return client
  }

  /** Whether lines of the client may wait for a recipient that does not read, now or since the last quiet point. */
  isHeld(client: Client): boolean {
    const waits = (other: Client) => other.expects.lacks(client.id) || (other === client && client.expects.lacksReplies)
    return client.wasHeld || this.clients.some((other) => other.isThere && other.wasStalled && waits(other))
  }

  /** A quiet point: all seats of clients that left are free. */
  settles(): void {
    this.seated = this.seated.filter(({ isThere }) => isThere)
    for (const client of this.clients) {
      client.wasStalled = client.stalledAt !== undefined
      client.wasHeld = false
    }
    for (const client of this.clients) {
      client.wasHeld = this.isHeld(client)
      if (client.wasHeld) continue
      client.broadcasts = []
      for (const other of this.clients) if (!other.wasStalled && other.isThere) other.expects.forgets(client.id)
      if (client.isThere) client.answers()
    }
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
    else if (!this.leaves(client, line, now)) {
      const item = client.next()
      if (item === undefined) throw new Violation(`${line}: it has not sent that`)
      this.performs(client, item, line, now)
    }
    client.heardAt = now
  }

  /** Whether the line is a leaving line. Throws if its reason does not hold. */
  private leaves(client: Client, line: string, now: number): boolean {
    const me = `Client (${client.fd})`
    const registered = client.name !== undefined
    const { idleTimeout, joinTimeout, patience } = this.rules
    const end = (isRight: boolean, farewell?: string): boolean => {
      if (!isRight) throw new Violation(`${line}: there is no reason for that`)
      this.ends(client, now, farewell)
      return true
    }
    switch (line) {
      case `${me}: Disconnecting User.`:
        return end(client.isQuitting && registered)
      case `Unable to Locate ${me} in Database. Disconnecting User.`:
        return end(client.isQuitting && !registered)
      case `${me}: Connection Closed. Disconnecting User.`:
        client.answers()
        return end(client.hasHungUp && client.isDone)
      case `${me}: Connection Error (${client.broken}). Disconnecting User.`:
        return end(client.broken !== undefined)
      case `${me}: Slow Consumer. Disconnecting User.`:
        return end(client.stalledAt !== undefined && (now - client.stalledAt >= patience || this.isSwamped(client)))
      case `${me}: Registration Timed Out. Disconnecting User.`:
        return end(!registered && now - client.since >= joinTimeout, "Registration Timed Out. Disconnecting User.")
      case `${me}: Idle Too Long. Disconnecting User.`:
        return end(registered && now - client.heardAt >= idleTimeout, "Idle Too Long. Disconnecting User.")
      case `${me}: Server Shutting Down. Disconnecting User.`:
        return end(this.isShuttingDown, "Server Shutting Down. Disconnecting User.")
      default:
        return false
    }
  }

  /** Whether more members than there are seats have left, and may have left lines, since the client stopped reading. */
  private isSwamped({ stalledAt = 0 }: Client): boolean {
    const left = this.clients.filter(
      ({ leftAt, name }) => name !== undefined && leftAt !== undefined && leftAt >= stalledAt
    )
    return left.length > this.rules.maxUsers
  }

  private ends(client: Client, now: number, farewell: string | undefined): void {
    const reads = !client.wasStalled && client.broken === undefined
    const isHeld = (id: number) => {
      const source = this.clients[id]
      return source !== undefined && this.isHeld(source)
    }
    // A small outbox can be full for a moment although its client reads. Then its sender waits.
    const isSure = (id: number) => reads && !isHeld(id) && this.rules.outbox >= ROOMY
    client.expects.ends(farewell, reads && !isHeld(client.id), isSure)
    client.leftAt = now
    client.leftDeaf = !reads
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
      return client.quits()
    }
    if (client.name === undefined) {
      if (word === "JOIN") return this.joins(client, rest, line, now)
      const request = ["LIST", "MESG", "BCST", "PING"].includes(word) ? word : "UNKNOWN Message"
      is(line, `Unable to Locate ${me} in Database. Discarding ${request}.`)
      return reply(UNREGISTERED)
    }
    if (item === "too long") {
      is(line, `${me}: Message Too Long. Discarding Message.`)
      return reply("Message Too Long. Discarding Message.")
    }
    switch (word) {
      case "JOIN":
        is(line, `${me}: User Already Registered. Discarding JOIN.`)
        return reply(`User Already Registered: Username (${client.name}), FD (${client.fd})`)
      case "LIST":
        is(line, `${me}: LIST`)
        return client.expects.reply(...this.table())
      case "PING":
        is(line, `${me}: PING`)
        return reply("PONG")
      case "BCST":
        is(line, `${me}: BCST`)
        return this.broadcasts(client, client.name, cleaned(rest))
      case "MESG": {
        const [name = "", ...text] = words
        is(line, shownName(name) === "" ? `${me}: MESG` : `${me}: MESG ${shownName(name)}`)
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
    const named = this.seated.filter((other) => other.name?.toLowerCase() === name.toLowerCase() && isName(name))
    const recipient = named.find(({ isThere }) => isThere)
    if (recipient !== undefined) return recipient.expects.message(client.id, sender, text)
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
    for (const other of this.members) if (other !== client) other.expects.message(client.id, sender, text)
    client.broadcasts.push(text)
  }

  private table(): ReadonlyArray<Reply> {
    const rows = this.seated.map(({ fd, isThere, name = "" }) => ({ text: row(name, fd), optional: !isThere }))
    const rest = [{ text: RULE }, ...rows, { text: RULE }].map((line) => ({ ...line, joined: true }))
    return [{ text: row("USERNAME", "FD") }, ...rest]
  }

  private joins(client: Client, name: string, line: string, now: number) {
    const me = `Client (${client.fd})`
    const same = this.seated.filter((other) => other.name?.toLowerCase() === name.toLowerCase())
    const isTaken = same.some(({ isThere }) => isThere)
    const isFull = this.members.length >= this.rules.maxUsers
    const must = (isRight: boolean) => {
      if (!isRight) throw new Violation(`${line}: that is not so (JOIN ${name})`)
    }
    switch (line) {
      case `${me}: JOIN ${name}`:
        must(!isFull && !isTaken && isName(name))
        client.name = name
        for (const { broadcasts, id, name } of this.clients) {
          if (name !== undefined) client.expects.perhaps(id, name, broadcasts)
        }
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

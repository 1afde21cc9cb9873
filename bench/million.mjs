/**
 * A million messages through the relay, each of them checked: ten clients in five pairs, both directions at once, every
 * message with its sender and number, at most a window of them under way in each direction. Counts what is lost,
 * duplicated, reordered or spoilt, and exits 1 if anything is. Linux only. Build first (npm run build), then:
 *
 *     node bench/million.mjs [--messages 1000000] [--window 500] [--bcst] [--server "<command line>"]
 *
 * With --bcst each message is a broadcast, which nine others get; the figures are per delivery then. --server measures
 * another program; {port} in it, or its end, is where the port goes ("node bench/peers/plain.mjs"). The load comes from
 * one process of its own. A tenth of the number of messages goes before, as warm-up: checked, but not timed.
 */
import { once } from "node:events"
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import { needsProc } from "./support/process.mjs"
import * as Server from "./support/server.mjs"
import { mib, printTable } from "./support/table.mjs"

const CLIENTS = 10
/** Lines in one write, at most. */
const BATCH = 50
/** Digits of a message's number. */
const DIGITS = 8
const FILLER = "the quick brown fox jumps over!"
/** The load gives up when nothing has arrived for so long, and counts what is missing. */
const SILENCE_MS = 5000

const nameOf = (id) => `user${id}`
const others = (id) => Array.from({ length: CLIENTS }, (_, other) => other).filter((other) => other !== id)

const putNumber = (buffer, end, number) => {
  for (let at = end - 1, left = number; at >= end - DIGITS; at--, left = (left / 10) | 0) buffer[at] = 48 + (left % 10)
}

/** The messages from one sender to one recipient, checked as they arrive. */
class Stream {
  next = 0
  highest = -1
  received = 0
  duplicated = 0
  reordered = 0

  constructor(most) {
    this.seen = new Uint8Array(most)
  }

  take(number) {
    if (this.seen[number] === 1) {
      this.duplicated++
      return
    }
    this.seen[number] = 1
    this.received++
    if (number < this.highest) this.reordered++
    else this.highest = number
  }
}

/** One client: writes its batches from one buffer that holds the lines already, and checks what it gets byte by byte. */
class Client {
  /** Checked streams by sender. */
  from = []
  sent = 0
  target = 0
  spoilt = 0

  constructor(id, socket, most, bcst) {
    this.id = id
    this.socket = socket
    this.recipients = bcst ? others(id) : [id ^ 1]
    for (const sender of bcst ? others(id) : [id ^ 1]) this.from[sender] = new Stream(most)
    const head = bcst ? "BCST " : `MESG ${nameOf(id ^ 1)} `
    this.numberEnd = head.length + DIGITS
    this.line = Buffer.from(`${head}${"0".repeat(DIGITS)} ${FILLER}\n`)
    // What a line that arrives looks like, its sender and number aside.
    this.pattern = Buffer.from(`FROM ${nameOf(0)}: ${"0".repeat(DIGITS)} ${FILLER}\r\n`)
    this.senderAt = `FROM ${nameOf(0)}`.length - 1
    this.numberAt = this.senderAt + 3
    this.rest = Buffer.alloc(0)
  }

  /** Sends as many as the window allows. */
  fill(window, clients) {
    let least = this.sent
    for (const recipient of this.recipients) least = Math.min(least, clients[recipient].from[this.id].received)
    let room = Math.min(this.target - this.sent, window - (this.sent - least))
    // Small writes are left out while more is under way: the window opens in batches.
    if (room < BATCH && room < this.target - this.sent) return
    for (; room > 0; room -= BATCH) {
      const count = Math.min(room, BATCH)
      const { line } = this
      const buffer = Buffer.allocUnsafe(count * line.length)
      for (let at = 0; at < count; at++) {
        line.copy(buffer, at * line.length)
        putNumber(buffer, at * line.length + this.numberEnd, this.sent++)
      }
      this.socket.write(buffer)
    }
  }

  /** Checks all lines in what arrived. All of them have the same length, so no line end is looked for. */
  receive(chunk) {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    const { length } = this.pattern
    let start = 0
    for (; start + length <= bytes.length; start += length) this.check(bytes, start)
    this.rest = start === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(start))
  }

  check(bytes, start) {
    const { pattern, senderAt, numberAt } = this
    let wrong = 0
    let number = 0
    for (let at = 0; at < senderAt; at++) wrong |= bytes[start + at] ^ pattern[at]
    for (let at = senderAt + 1; at < numberAt; at++) wrong |= bytes[start + at] ^ pattern[at]
    for (let at = numberAt; at < numberAt + DIGITS; at++) number = number * 10 + bytes[start + at] - 48
    for (let at = numberAt + DIGITS; at < pattern.length; at++) wrong |= bytes[start + at] ^ pattern[at]
    const stream = this.from[bytes[start + senderAt] - 48]
    if (wrong !== 0 || stream === undefined || stream.seen[number] === undefined) this.spoilt++
    else stream.take(number)
  }
}

/** The load process: joins ten clients, then runs as many messages as it is told to, each time. */
const load = async ({ port, most, window, bcst }) => {
  const clients = []
  for (let id = 0; id < CLIENTS; id++) {
    const socket = connect(port, Server.HOST)
    socket.setNoDelay(true)
    socket.on("error", (error) => Server.fail(`a connection broke: ${error.message}`))
    socket.write(`JOIN ${nameOf(id)}\n`)
    const [reply] = await once(socket, "data")
    if (!String(reply).endsWith("Accepted\r\n")) Server.fail(`not the reply to JOIN: ${reply}`)
    clients.push(new Client(id, socket, most, bcst))
  }
  const streams = clients.flatMap(({ from }) => from).filter((stream) => stream !== undefined)
  const sum = (field) => streams.reduce((total, stream) => total + stream[field], 0)
  let arrived = () => {}
  for (const client of clients) {
    client.socket.on("data", (chunk) => {
      client.receive(chunk)
      for (const sender in client.from) clients[sender].fill(window, clients)
      arrived()
    })
  }

  const run = async (each) => {
    const perClient = bcst ? CLIENTS - 1 : 1
    for (const client of clients) client.target += each
    const wanted = clients.reduce((total, { target }) => total + target * perClient, 0)
    const received = () => streams.reduce((total, stream) => total + stream.received, 0)
    const began = performance.now()
    let last = began
    await new Promise((resolve) => {
      const watch = setInterval(() => performance.now() - last > SILENCE_MS && done(), 500)
      const done = () => {
        clearInterval(watch)
        arrived = () => {}
        resolve()
      }
      arrived = () => {
        last = performance.now()
        if (received() >= wanted) done()
      }
      for (const client of clients) client.fill(window, clients)
    })
    return last - began
  }
  const report = (milliseconds) => {
    const sent = clients.reduce((total, { sent, recipients }) => total + sent * recipients.length, 0)
    process.send({
      milliseconds,
      received: sum("received"),
      lost: sent - sum("received"),
      unsent: clients.reduce((total, { sent, target }) => total + target - sent, 0),
      duplicated: sum("duplicated"),
      reordered: sum("reordered"),
      spoilt: clients.reduce((total, { spoilt, rest }) => total + spoilt + (rest.length > 0 ? 1 : 0), 0)
    })
  }
  process.on("message", async (each) => {
    const milliseconds = await run(each)
    // Time for what comes twice to come again.
    await sleep(200)
    report(milliseconds)
  })
  report(0)
}

const main = async () => {
  const { values } = parseArgs({
    options: {
      messages: { type: "string", default: "1000000" },
      window: { type: "string", default: "500" },
      bcst: { type: "boolean", default: false },
      server: { type: "string", default: Server.partyline }
    }
  })
  const [messages, window] = [Number(values.messages), Number(values.window)]
  if (!(messages >= CLIENTS && messages <= 1e8 && window >= BATCH)) {
    Server.fail(`--messages is ${CLIENTS} to 100000000, --window at least ${BATCH}`)
  }
  needsProc()
  const each = Math.ceil(messages / CLIENTS)
  const warmUp = Math.ceil(each / 10)

  const server = await Server.start(values.server)
  const heapBefore = await server.collect()
  const before = server.memory().rss
  const options = { port: server.port, most: warmUp + each, window, bcst: values.bcst }
  const client = Server.startLoad(import.meta.url, options)
  await client.hears(20)
  client.tell(warmUp)
  const warm = await client.hears(300)
  const afterWarmUp = server.memory().rss
  let during = 0
  const sampling = setInterval(() => {
    during = Math.max(during, server.memory().rss)
  }, 50)
  const cpuBefore = server.cpu()
  client.tell(each)
  const end = await client.hears(600)
  const cpu = server.cpu() - cpuBefore
  clearInterval(sampling)
  const heapAfter = await server.collect()
  const after = server.memory().rss
  client.stop()
  await server.stop()

  const timed = end.received - warm.received
  const what = values.bcst ? "deliveries" : "messages"
  console.log(
    `${end.received} ${what} arrived, ${timed} of them timed, with up to ${window} under way from each sender`
  )
  console.log(`lost ${end.lost}, duplicated ${end.duplicated}, reordered ${end.reordered}, spoilt ${end.spoilt}`)
  if (end.unsent > 0) console.log(`the server stopped taking messages: ${end.unsent} were not sent`)
  console.log()
  printTable([
    [`${what} per second`, ((timed / end.milliseconds) * 1000).toFixed(0)],
    [`server CPU us per ${values.bcst ? "delivery" : "message"}`, (cpu / timed).toFixed(3)],
    ["server CPU, share of a core", `${((cpu / end.milliseconds / 1000) * 100).toFixed(0)} %`],
    ["RSS before, collected", mib(before)],
    ["RSS after warm-up", mib(afterWarmUp)],
    ["RSS during, at most", mib(during)],
    ["RSS after, collected", mib(after)],
    ["heap in use before, collected", mib(heapBefore)],
    ["heap in use after, collected", mib(heapAfter)]
  ])
  if (end.lost + end.unsent + end.duplicated + end.reordered + end.spoilt > 0) process.exitCode = 1
}

if (process.argv[2] === "--load") await load(JSON.parse(process.argv[3]))
else await main()

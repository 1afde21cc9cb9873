/** Clients that come and go: in good order, by a reset, and by closing their sending half. */
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "./client.mjs"
import { WAYS } from "./connection.mjs"
import { below } from "./crowd.mjs"

/** Joins, stays, and leaves in one of three ways. */
const comes = async (crowd, name, way, stay) => {
  const client = new Client(name, way)
  client.onOther = (line) => crowd.renewals.hears(line)
  if (await client.enters(crowd.ports)) {
    crowd.counted("sessions")
    crowd.renewals.sees(client.secure)
    await stay(client)
    const leaving = below(3)
    if (leaving === 0) client.resets()
    else if (leaving === 1) client.stream.end()
    else await client.says("QUIT\n")
  } else client.wire.destroy()
  await crowd.closes(client)
}

/**
 * Connects and leaves without pause. Now and then it greets everybody: whoever leaves then has a message that waits for the
 * slow.
 */
const reconnects = async (crowd) => {
  crowd.ledger.fragile.add("comet-all")
  for (let turn = 0; !crowd.isOver; turn++) {
    await comes(crowd, "comet", "lines", async (client) => {
      if (turn % 20 > 0) return
      await client.says(`BCST ${crowd.ledger.next("comet-all")}\n`)
      await sleep(below(5))
    })
    await sleep(5)
  }
}

/** Stays up to a second, lists the users and greets everybody. */
const visits = async (crowd, name) => {
  const greeting = `${name}-all`
  crowd.ledger.fragile.add(greeting)
  while (!crowd.isOver) {
    await comes(crowd, name, WAYS[below(WAYS.length)], async (client) => {
      await client.says(`LIST\nBCST ${crowd.ledger.next(greeting)}\n`)
      await sleep(100 + below(900))
    })
    await sleep(below(200))
  }
}

/** Resets its connection while its messages are on their way. */
const resets = async (crowd, name, way) => {
  const stream = `${name}-sink`
  crowd.ledger.fragile.add(stream)
  while (!crowd.isOver) {
    const client = new Client(name, way)
    if (await client.enters(crowd.ports)) {
      crowd.counted("resets")
      for (let line = 0; line < 50; line++) client.says(`MESG sink ${crowd.ledger.next(stream)}\n`)
      await sleep(below(5))
    }
    client.resets()
    await crowd.closes(client)
    await sleep(below(100))
  }
}

/** Sends everything, closes its sending half, and still has to get every reply. */
const halfCloses = async (crowd, name) => {
  while (!crowd.isOver) {
    const client = new Client(name)
    client.opens(crowd.ports)
    const answers = []
    client.onOther = (line) => answers.push(line)
    const message = crowd.ledger.next(`${name}-sink`)
    client.stream.end(`JOIN ${name}\nMESG sink ${message}\nLIST\nMESG nobody hi\nPING\n`)
    await crowd.closes(client)
    crowd.counted("halfCloses")
    const said = answers.filter((line) => /^(JOIN|USERNAME|Unknown|PONG)/.test(line)).map((line) => line.split(" ")[0])
    if (said.join() !== "JOIN,USERNAME,Unknown,PONG") crowd.faults(`${name} was answered ${answers.join(" | ")}`)
    await sleep(below(100))
  }
}

/** Returns what starts them. */
export const guests = (crowd) => () => {
  crowd.goesOn(reconnects(crowd))
  for (let id = 0; id < 6; id++) crowd.goesOn(visits(crowd, `visitor${id}`))
  for (const way of WAYS) crowd.goesOn(resets(crowd, `resetter${WAYS.indexOf(way)}`, way))
  for (let id = 0; id < 2; id++) crowd.goesOn(halfCloses(crowd, `half${id}`))
}

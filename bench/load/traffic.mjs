/** Messages between clients: as many as a window allows, one in flight, or a fixed number a second. */
import { setTimeout as sleep } from "node:timers/promises"
import { Client, timeOf } from "./client.mjs"
import { open } from "./connection.mjs"
import { reaches } from "./meter.mjs"
import * as WebSocket from "./webSocket.mjs"

/** Clients that enter at the same time. */
const ENTER_AT_ONCE = 20
/** Under a window, one message in this many is timed. */
const TIMED = 8
/** Silence after which the load stops waiting for the last messages. */
const SILENCE_MS = 2000

export const traffic = async ({ port, dialect, workload, meter, fail }) => {
  const {
    clients: count,
    senders,
    isFanout = false,
    size = 64,
    batch = 1,
    window = 1,
    pace,
    oneInFlight,
    isExact,
    isWebSocket = false
  } = workload
  const timed = pace !== undefined || oneInFlight ? 1 : TIMED
  let isOver = false
  let total = 0
  let now = 0
  const stamp = () => {
    if (now === 0) now = performance.now()
    return now
  }
  // Lines that arrive before the traffic begins (other clients' entering) cause no sending.
  const load = { ...(isWebSocket ? WebSocket : { open }), dialect, isFanout, isExact, size, batch, turn: () => {} }
  load.received = (sender, number) => {
    const client = clients[sender]
    client.arrived++
    total++
    meter.count++
    if (number % timed === 0) meter.record(stamp() - timeOf(client, number))
  }
  const clients = Array.from({ length: count }, (_, id) => new Client(id, load))
  for (let at = 0; at < count; at += ENTER_AT_ONCE) {
    await Promise.all(clients.slice(at, at + ENTER_AT_ONCE).map((client) => client.enter(port, fail)))
  }
  const sending = clients.slice(0, senders ?? count)
  for (const sender of sending) {
    sender.aim(isFanout ? undefined : sender.id ^ 1)
    const isHere = ({ id }) => (isFanout ? id !== sender.id || dialect.echoes === true : id === (sender.id ^ 1))
    sender.recipients = clients.filter(isHere)
    for (const recipient of sender.recipients) recipient.expect(sender.id, !isFanout)
  }

  /** Sends full batches while the windows allow. Clients take turns. */
  const fill = () => {
    let isDone = isOver
    while (!isDone) {
      isDone = true
      for (const client of sending) {
        const room = window - (client.sent - client.arrived / client.recipients.length)
        if (room < batch) continue
        client.send(batch, stamp())
        isDone = false
      }
    }
  }
  let isFilling = false
  const endTurn = () => {
    isFilling = false
    now = performance.now()
    fill()
    now = 0
  }
  load.turn = (client) => {
    now = 0
    if (isOver || pace !== undefined) return
    if (oneInFlight) client.send(1, performance.now())
    else if (!isFilling) {
      isFilling = true
      setImmediate(endTurn)
    }
  }
  const began = performance.now()
  let offered = 0
  /** Offers messages at an even pace, without sleeping; a message's time counts from when it was due. */
  const keepPace = () => {
    if (isOver) return
    const due = ((performance.now() - began) / 1000) * pace
    for (; offered < due; offered++) sending[offered % sending.length].send(1, began + (offered / pace) * 1000)
    setImmediate(keepPace)
  }
  if (pace !== undefined) keepPace()
  else if (oneInFlight) sending[0].send(1, performance.now())
  else endTurn()

  return {
    stop: async () => {
      isOver = true
      const wanted = sending.reduce((sum, { sent, recipients }) => sum + sent * recipients.length, 0)
      await reaches(() => total, wanted, SILENCE_MS)
      // Duplicates need time to arrive.
      await sleep(30)
      const streams = clients.flatMap(({ from }) => from.filter((stream) => stream !== undefined))
      const sum = (field) => streams.reduce((all, stream) => all + stream[field], 0)
      return {
        sent: sending.reduce((all, { sent }) => all + sent, 0),
        wanted,
        lost: wanted - sum("received"),
        duplicated: sum("duplicated"),
        reordered: sum("reordered"),
        other: clients.flatMap(({ other }) => other).slice(0, 3)
      }
    }
  }
}

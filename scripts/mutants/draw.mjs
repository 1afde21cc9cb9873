// Draws random faults. One that the compiler refuses is not drawn, nor one of equivalent.mjs, that changes nothing.
import { equivalent } from "./equivalent.mjs"
import { digestOf } from "./Known.mjs"
import { faultsOf } from "./syntax.mjs"
import { makeTypes } from "./Types.mjs"

/** Mulberry32: numbers from 0 up to 1, the same for the same seed. */
const randomFrom = (seed) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const shuffled = (items, seed) => {
  const next = randomFrom(seed)
  return items
    .map((item) => [next(), item])
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item)
}

/** Adds to a fault what it is called, its key, the text of its file with it, and why it changes nothing, if it does not. */
const described = (fault, text) => {
  const { end, file, kind, line, start, to } = fault
  const lineText = text.split("\n")[line - 1].trim()
  const from = text.slice(start, end)
  const title = `${file}:${line} ${kind}: ${from.split("\n")[0]} -> ${to.split("\n")[0]} in ${lineText}`
  const isIn = (place) => start >= text.indexOf(place.within) && end <= text.indexOf(place.within) + place.within.length
  const same = equivalent.find(
    (place) => `src/${place.file}` === file && isIn(place) && place.kind === kind && (place.at ?? from) === from
  )
  return {
    ...fault,
    title,
    key: `${start} ${title} ${digestOf([text])}`,
    text: text.slice(0, start) + to + text.slice(end),
    reason: same?.reason
  }
}

/** Asks the compiler about faults, about one of each file at a time. */
const check = (faults, accepted, known) => {
  let left = faults.filter(({ key }) => known.get(key) === undefined)
  while (left.length > 0) {
    const together = new Map(left.map((fault) => [fault.file, fault]))
    const right = accepted(new Map([...together.values()].map(({ file, text }) => [file, text])))
    for (const { file, key } of together.values()) known.set(key, { isRefused: !right.includes(file) })
    left = left.filter((fault) => together.get(fault.file) !== fault)
  }
}

/** How many faults are looked at together. */
const TOGETHER = 50

/**
 * Draws from all faults that the sources, by name and text, can have. `next` is one that the compiler accepts, or undefined
 * when there is no more. `same` are those that were passed over because they change nothing, `refused` counts the others.
 */
export const makeDraw = (sources, seed, known) => {
  const accepted = makeTypes()
  const all = [...sources].flatMap(([file, text]) => faultsOf(file, text).map((fault) => described(fault, text)))
  const waiting = shuffled(all, seed)
  const ready = []
  const same = []
  let refused = 0
  const look = (faults) => {
    const changing = faults.filter(({ reason }) => reason === undefined)
    check(changing, accepted, known)
    same.push(...faults.filter(({ reason }) => reason !== undefined))
    ready.push(...changing.filter(({ key }) => !known.get(key).isRefused))
    refused += changing.filter(({ key }) => known.get(key).isRefused).length
  }
  return {
    next: () => {
      while (ready.length === 0 && waiting.length > 0) look(waiting.splice(0, TOGETHER))
      return ready.shift()
    },
    same,
    get refused() {
      return refused
    }
  }
}

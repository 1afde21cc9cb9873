/** Counts of lines and of deliveries. */
import type { Command } from "../protocol/Command.ts"

/** Lines by command. `deliveries` counts an accepted message once for each recipient. */
export interface LineCounts {
  join: number
  list: number
  mesg: number
  bcst: number
  ping: number
  help: number
  watch: number
  unwatch: number
  key: number
  reclaim: number
  quit: number
  unknown: number
  tooLong: number
  deliveries: number
}

export const none = (): LineCounts => ({
  join: 0,
  list: 0,
  mesg: 0,
  bcst: 0,
  ping: 0,
  help: 0,
  watch: 0,
  unwatch: 0,
  key: 0,
  reclaim: 0,
  quit: 0,
  unknown: 0,
  tooLong: 0,
  deliveries: 0
})

/** Messages that clients have sent, whether or not they were accepted. */
export const messages = ({ bcst, mesg }: LineCounts): number => mesg + bcst

/** Counts a line by its command. */
export const count = (counts: LineCounts, { _tag }: Command): void => {
  switch (_tag) {
    case "Mesg":
      counts.mesg++
      break
    case "Bcst":
      counts.bcst++
      break
    case "Join":
      counts.join++
      break
    case "List":
      counts.list++
      break
    case "Ping":
      counts.ping++
      break
    case "Help":
      counts.help++
      break
    case "Watch":
      counts.watch++
      break
    case "Unwatch":
      counts.unwatch++
      break
    case "Key":
      counts.key++
      break
    case "Reclaim":
      counts.reclaim++
      break
    case "Quit":
      counts.quit++
      break
    case "Unknown":
      counts.unknown++
      break
    case "TooLong":
      counts.tooLong++
      break
  }
}

/** All that Prometheus is told of the relay, with the names and units that its conventions ask for. */
import manifest from "../../package.json" with { type: "json" }
import * as Census from "./Gauges.ts"
import type { Family, Sample } from "./Prometheus.ts"
import type { Watched } from "./Watched.ts"

type Label = { readonly [name: string]: number }

/** `tooLong` is `too_long` to Prometheus. */
const underscored = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const labelled = (label: string, values: Label): ReadonlyArray<Sample> =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: underscored(name) }, value }))

const metric = (
  type: "counter" | "gauge",
  name: string,
  help: string,
  value: number | ReadonlyArray<Sample>
): Family => ({
  name: `partyline_${name}`,
  type,
  help,
  samples: typeof value === "number" ? [{ value }] : value
})

/** Taken when it is called. */
export const take = ({ eventLoop, limits, metrics, presence }: Watched): ReadonlyArray<Family> => {
  const { bytesOut, connections, members, mostQueued, queued } = Census.take(presence, metrics)
  const { deliveries, ...lines } = metrics.lines
  const build = [{ labels: { version: manifest.version, node: process.version }, value: 1 }]
  return [
    metric("gauge", "build_info", "Which version runs, on which Node.js.", build),
    metric("gauge", "accepting", "1 while newcomers are let in, 0 while draining.", presence.isAccepting ? 1 : 0),
    metric("gauge", "connections", "Open connections, registered or not.", connections),
    metric("counter", "connections_accepted_total", "Connections since the start.", metrics.accepted),
    metric("counter", "connections_refused_total", "Connections turned away.", labelled("reason", metrics.refused)),
    metric("counter", "connections_ended_total", "Connections by how they ended.", labelled("reason", metrics.endings)),
    metric("gauge", "registered_users", "Clients that have a name and a seat.", members.length),
    metric("gauge", "seats", "How many clients can be registered.", limits.current.maxUsers),
    metric("counter", "lines_total", "Lines from clients, by what they asked for.", labelled("command", lines)),
    metric("counter", "deliveries_total", "Messages accepted, one for each recipient.", deliveries),
    metric("counter", "received_bytes_total", "Bytes read from clients.", metrics.bytesIn),
    metric("counter", "sent_bytes_total", "Bytes that clients' sockets have taken.", bytesOut),
    metric("gauge", "outbox_bytes", "Bytes that wait for clients to take them.", queued),
    metric("gauge", "outbox_largest_bytes", "Bytes that wait for the slowest client.", mostQueued),
    metric("counter", "backpressure_waits_total", "Times a sender was held back by a full recipient.", metrics.waits),
    metric("counter", "backpressure_wait_seconds_total", "For how long in all.", metrics.waitSeconds),
    metric("counter", "flood_delay_seconds_total", "For how long floods were read slowly.", metrics.floodDelaySeconds),
    metric(
      "counter",
      "status_lines_lost_total",
      "Log lines that standard output did not take.",
      metrics.statusLinesLost
    ),
    {
      name: "partyline_event_loop_delay_seconds",
      type: "histogram",
      help: "How late the event loop comes to a timer, looked at 20 times a second.",
      distribution: eventLoop.delays
    }
  ]
}

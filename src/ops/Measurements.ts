/** Metrics of the relay, with names and units by the conventions of Prometheus. */
import type * as Context from "effect/Context"
import manifest from "../../package.json" with { type: "json" }
import type { Limits } from "../Limits.ts"
import type { EngineCounters } from "../status/Metrics.ts"
import type { EventLoop } from "./EventLoop.ts"
import * as Gauges from "./Gauges.ts"
import type { MetricFamily, Sample } from "./Prometheus.ts"

export interface Sources extends Gauges.Sources {
  readonly limits: Context.Tag.Service<Limits>
  readonly eventLoop: EventLoop
}

/** `tooLong` becomes `too_long`. */
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** One sample for each property, whose name is the value of the label. */
const labelled = (label: string, values: { readonly [name: string]: number }): ReadonlyArray<Sample> =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: snakeCase(name) }, value }))

const metric = (
  type: "counter" | "gauge",
  name: string,
  help: string,
  value: number | ReadonlyArray<Sample>
): MetricFamily => ({
  name: `partyline_${name}`,
  type,
  help,
  samples: typeof value === "number" ? [{ value }] : value
})

/** The further measurements of a node of a room over many machines. */
const engineFamilies = (engine: EngineCounters): ReadonlyArray<MetricFamily> => [
  metric("gauge", "engine_up", "1 while the engine of the room can be reached.", engine.isUp ? 1 : 0),
  metric("gauge", "engine_round_trip_seconds", "Time of the engine's last answer.", engine.roundTrip),
  metric("gauge", "engine_inbox_entries", "Entries in this node's inbox.", engine.inbox),
  metric("counter", "engine_messages_sent_total", "Messages sent to other nodes.", engine.sent),
  metric("counter", "engine_messages_received_total", "Messages received from other nodes.", engine.received),
  metric("counter", "engine_registrations_repeated_total", "Clients registered again.", engine.registeredAgain),
  metric("counter", "engine_losses_total", "Times that the engine had lost this node.", engine.losses)
]

/** The values at the time of the call. */
export const families = (sources: Sources): ReadonlyArray<MetricFamily> => {
  const { connections, eventLoop, limits, metrics } = sources
  const gauges = Gauges.read(sources)
  const { deliveries, ...lines } = metrics.lines
  const build = [{ labels: { version: manifest.version, node: process.version }, value: 1 }]
  return [
    metric("gauge", "build_info", "Version of partyline and of Node.js.", build),
    metric(
      "gauge",
      "accepting",
      "1 while new connections are accepted, 0 while draining.",
      connections.isAccepting ? 1 : 0
    ),
    metric("gauge", "connections", "Open connections, registered or not.", gauges.connections),
    metric("counter", "connections_accepted_total", "Connections accepted since the start.", metrics.accepted),
    metric(
      "counter",
      "connections_refused_total",
      "Connections refused, by reason.",
      labelled("reason", metrics.refused)
    ),
    metric("counter", "connections_ended_total", "Connections ended, by reason.", labelled("reason", metrics.endings)),
    metric("gauge", "registered_users", "Registered clients.", gauges.members.length),
    metric("gauge", "seats", "Most clients that can be registered at a time.", limits.current.maxUsers),
    metric("counter", "lines_total", "Lines from clients, by command.", labelled("command", lines)),
    metric("counter", "deliveries_total", "Messages put into outboxes, one for each recipient.", deliveries),
    metric("counter", "received_bytes_total", "Bytes read from clients.", metrics.bytesIn),
    metric("counter", "sent_bytes_total", "Bytes that the sockets of clients have accepted.", gauges.bytesOut),
    metric("gauge", "outbox_bytes", "Bytes waiting in all outboxes.", gauges.queued),
    metric("gauge", "outbox_largest_bytes", "Bytes waiting in the fullest outbox.", gauges.mostQueued),
    metric(
      "counter",
      "backpressure_waits_total",
      "Times a sender waited for a recipient with a full outbox.",
      metrics.waits
    ),
    metric(
      "counter",
      "backpressure_wait_seconds_total",
      "Seconds that senders waited for recipients.",
      metrics.waitSeconds
    ),
    metric(
      "counter",
      "flood_delay_seconds_total",
      "Seconds that reading was delayed by the rate limit.",
      metrics.floodDelaySeconds
    ),
    metric(
      "counter",
      "status_lines_lost_total",
      "Status lines dropped because standard output was slow or closed.",
      metrics.statusLinesLost
    ),
    ...(metrics.certificateExpiry === undefined
      ? []
      : [
          metric(
            "gauge",
            "tls_certificate_expiry_timestamp_seconds",
            "End of the validity of the TLS certificate, in seconds since 1970.",
            metrics.certificateExpiry
          )
        ]),
    {
      name: "partyline_event_loop_delay_seconds",
      type: "histogram",
      help: "Delay of the event loop, sampled 20 times a second.",
      histogram: eventLoop.delays
    },
    ...(metrics.engine === undefined ? [] : engineFamilies(metrics.engine))
  ]
}

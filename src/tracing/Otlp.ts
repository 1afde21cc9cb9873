/** One span per connection, sent to an OpenTelemetry collector over HTTP. */
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import manifest from "../../package.json" with { type: "json" }
import { TRACE_FLUSH, TRACE_TIMEOUT } from "../Limits.ts"
import * as Peer from "../net/Peer.ts"
import { Tracing } from "../server/Tracing.ts"

export interface Options {
  /** The collector's endpoint for traces. */
  readonly url: string
  /** HTTP headers of each request; they often hold a secret. */
  readonly headers: { readonly [name: string]: string }
  readonly format: "json" | "protobuf"
  /** Undefined when OTEL_RESOURCE_ATTRIBUTES names the service. */
  readonly serviceName: string | undefined
}

/** Fetch, with a timeout for a collector that does not answer. */
const client = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, (client) =>
    HttpClient.transform(client, (answer, request) =>
      Effect.timeoutFail(answer, {
        duration: TRACE_TIMEOUT,
        onTimeout: () => new HttpClientError.RequestError({ request, reason: "Transport" })
      })
    )
  )
).pipe(Layer.provide(FetchHttpClient.layer))

/** Exports the spans of ended connections every few seconds, and once more when the layer is released. */
export const layer = ({ format, headers, serviceName, url }: Options): Layer.Layer<Tracing> =>
  Layer.scoped(
    Tracing,
    Effect.gen(function* () {
      const tracer = yield* OtlpTracer.make({
        url,
        headers,
        resource: { serviceName, serviceVersion: manifest.version },
        shutdownTimeout: TRACE_FLUSH
      })
      return Tracing.of({
        follow: (session, life) => {
          const { connection } = session
          // At the end: a proxy's header names the peer, and JOIN the client.
          const annotate = Effect.suspend(() =>
            Effect.annotateCurrentSpan({
              peer: Peer.written(connection.peer),
              ...(session.member === undefined ? {} : { name: session.member.name }),
              ending: session.ending ?? "unknown"
            })
          )
          return Effect.ensuring(life, annotate).pipe(
            Effect.withSpan("connection", {
              root: true,
              kind: "server",
              attributes: { fd: connection.fd },
              captureStackTrace: false
            }),
            Effect.withTracer(tracer)
          )
        }
      })
    })
  ).pipe(
    Layer.provide(format === "json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf),
    Layer.provide(client)
  )

import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Telemetry from "../../src/config/Telemetry.ts"

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" }
const url = "http://collector:4318/v1/traces"
const usual = { url, headers: {}, format: "protobuf", serviceName: "partyline" }

const cases: ReadonlyArray<readonly [string, { readonly [name: string]: string }, object | string | undefined]> = [
  ["no endpoint, no tracing", { OTEL_SERVICE_NAME: "x" }, undefined],
  ["an empty endpoint is none", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }, undefined],
  ["an endpoint for everything has a path for traces", endpoint, usual],
  [
    "an endpoint for traces is used unchanged, and wins",
    { ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://here/x" },
    { ...usual, url: "http://here/x" }
  ],
  ["the SDK can be disabled", { ...endpoint, OTEL_SDK_DISABLED: "true" }, undefined],
  ["the exporter can be none", { ...endpoint, OTEL_TRACES_EXPORTER: "none" }, undefined],
  ["the protocol can be JSON", { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, { ...usual, format: "json" }],
  [
    "headers are pairs with percent-encoded values",
    { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20a=b, x = 1 ,broken,y=%zz" },
    { ...usual, headers: { authorization: "Bearer a=b", x: "1", y: "%zz" } }
  ],
  [
    "an endpoint without a scheme is refused",
    { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" },
    "OTEL_EXPORTER_OTLP_ENDPOINT must be an address like http://localhost:4318"
  ],
  [
    "an unsupported protocol is refused",
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    "OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf, http/json"
  ],
  ["the service can have a name", { ...endpoint, OTEL_SERVICE_NAME: "chat" }, { ...usual, serviceName: "chat" }],
  [
    "a service name in the resource attributes wins over the default",
    { ...endpoint, OTEL_RESOURCE_ATTRIBUTES: "service.name=chat" },
    { ...usual, serviceName: undefined }
  ]
]

describe("OpenTelemetry's variables", () => {
  it.effect.each(cases)("%s", ([, variables, expected]) =>
    Effect.map(
      Effect.withConfigProvider(Telemetry.tracing, ConfigProvider.fromMap(new Map(Object.entries(variables)))),
      (tracing) => assert.deepStrictEqual<unknown>(Either.merge(tracing), expected)
    )
  )
})

/** Tracing from OpenTelemetry's standard variables. It is off without an endpoint. */
import * as Config from "effect/Config"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Otlp from "../tracing/Otlp.ts"

/** A variable; undefined if it is empty or not set. */
const variable = (name: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.string(name)), (value) =>
    Option.getOrUndefined(Option.filter(value, (text) => text.trim() !== ""))
  )

/** An exporter option: the variable for traces, else the variable for all signals. */
const exporter = (name: string): Config.Config<string | undefined> =>
  Config.map(
    Config.all([variable(`OTEL_EXPORTER_OTLP_TRACES_${name}`), variable(`OTEL_EXPORTER_OTLP_${name}`)]),
    ([traces, all]) => traces ?? all
  )

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Parses `name=value,name=value` with percent-encoded values. */
const pairs = (text: string): { readonly [name: string]: string } =>
  Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const at = pair.indexOf("=")
      return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]]
    })
  )

const formats: { readonly [protocol: string]: Otlp.Options["format"] } = {
  "http/protobuf": "protobuf",
  "http/json": "json"
}

/** Options of the exporter, undefined if tracing is off, or the words for a wrong variable. */
export const tracing: Config.Config<Either.Either<Otlp.Options | undefined, string>> = Config.map(
  Config.all({
    traces: variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
    base: variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
    headers: exporter("HEADERS"),
    protocol: exporter("PROTOCOL"),
    name: variable("OTEL_SERVICE_NAME"),
    attributes: variable("OTEL_RESOURCE_ATTRIBUTES"),
    disabled: variable("OTEL_SDK_DISABLED"),
    kind: variable("OTEL_TRACES_EXPORTER")
  }),
  ({ attributes, base, disabled, headers, kind, name, protocol, traces }) => {
    const url = traces ?? (base === undefined ? undefined : `${base.replace(/\/+$/, "")}/v1/traces`)
    if (url === undefined || disabled?.toLowerCase() === "true" || kind === "none") return Either.right(undefined)
    if (!/^https?:/.test(url) || !URL.canParse(url)) {
      return Either.left("OTEL_EXPORTER_OTLP_ENDPOINT must be an address like http://localhost:4318")
    }
    const format = formats[protocol ?? "http/protobuf"]
    if (format === undefined)
      return Either.left(`OTEL_EXPORTER_OTLP_PROTOCOL must be one of ${Object.keys(formats).join(", ")}`)
    const isNamed = name === undefined && pairs(attributes ?? "")["service.name"] !== undefined
    return Either.right({
      url,
      headers: pairs(headers ?? ""),
      format,
      serviceName: isNamed ? undefined : (name ?? "partyline")
    })
  }
)

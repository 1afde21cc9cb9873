/** Requests of HTTP, each made with the answer that it must get: the first check of the contract that it fails decides. */
import * as FastCheck from "effect/FastCheck"

export interface Request {
  /** The whole head, one character a byte. */
  readonly text: string
  /** The status of the answer, where the line is short enough and browsers are served. 101 is a WebSocket. */
  readonly status: number
}

/** A part of a request, and the status of the answer that it makes necessary. */
interface Part {
  readonly text: string
  readonly status?: number
}

const part = (text: string, status?: number): Part => (status === undefined ? { text } : { text, status })

const method = FastCheck.constantFrom(
  ...["GET", "GET", "GET", "GET", "HEAD"].map((text) => part(text)),
  ...["POST", "get", "OPTIONS", "M-SEARCH"].map((text) => part(text, 405))
)

const page = ["/", "/?", "/?name=ann", "/#ws", "http://localhost/", "HTTP://other.example/?a"]
const socket = ["/ws", "/ws?a=/b c", "/ws#", "http://localhost:8001/ws"]
const nothing = ["/x", "//ws", "*", "/ws/", "/WS", "ws", "/%77s", "", "/..", "\xe9", `/${"long".repeat(20)}`]
const path = FastCheck.oneof(
  FastCheck.constantFrom(...page, ...socket).map((text) => part(text)),
  FastCheck.constantFrom(...socket).map((text) => part(text)),
  FastCheck.constantFrom(...nothing).map((text) => part(text, 404))
)

const version = FastCheck.constantFrom(
  ...["1.1", "1.1", "1.1", "1.1", "1.0", "1", "0.9"].map((text) => part(text)),
  ...["2.0", "2", "3", "10.0"].map((text) => part(text, 505))
)

const hosts: ReadonlyArray<readonly [fields: ReadonlyArray<string>, status?: number]> = [
  [["Host: localhost"]],
  [["host:LOCALHOST.:80"]],
  [["HOST: \t127.0.0.1:8001 "]],
  [["Host: [::1]:8001"]],
  [[], 400],
  [["Host:"], 400],
  [["Host: localhost", "Host: localhost"], 400],
  [["Host: localhost, evil.example"], 400],
  [["Host: evil.example"], 421],
  [["Host: localhost.evil.example:80"], 421],
  [["Host: localhost@evil.example"], 421],
  [["Host: [::1"], 421],
  [["Host: local host"], 421],
  [["Host: \xe9\x9b"], 421]
]

const upgrade = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
/** Fields without which nothing is upgraded. */
const upgrades = FastCheck.oneof(
  { weight: 3, arbitrary: FastCheck.constant({ fields: upgrade, isWhole: true }) },
  {
    weight: 1,
    arbitrary: FastCheck.nat(upgrade.length).map((without) => ({
      fields: upgrade.filter((_, index) => index !== without),
      isWhole: without === upgrade.length
    }))
  },
  {
    weight: 1,
    arbitrary: FastCheck.constantFrom("Sec-WebSocket-Version: 12", "Upgrade: websocket2", "Connection: close").map(
      (field) => ({
        fields: [...upgrade.filter((other) => other.split(":")[0] !== field.split(":")[0]), field],
        isWhole: false
      })
    )
  }
)

const origins: ReadonlyArray<readonly [field: string | undefined, isOwn: boolean]> = [
  [undefined, true],
  ["Origin: null", false],
  ["Origin: https://evil.example", false],
  ["Origin: http://localhost.evil.example", false],
  ["Origin:", false]
]

const keys: ReadonlyArray<readonly [field: string | undefined, isKey: boolean]> = [
  ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", true],
  ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=", false],
  ["Sec-WebSocket-Key: ", false],
  [undefined, false]
]

const malformed = ["JOIN evil", "X : a", ": a", " folded", "X: a\0b", "X: a\rHost: b", "X", "\x7f: a", "X: \x1b[2J"]
const others = FastCheck.array(
  FastCheck.oneof(
    {
      weight: 12,
      arbitrary: FastCheck.stringMatching(/^[A-Za-z!#$%&'*+.^_`|~-]{1,12}$/).map((name) => part(`X-${name}: a, b`))
    },
    { weight: 1, arbitrary: FastCheck.constantFrom(...malformed).map((text) => part(text, 400)) }
  ),
  { maxLength: 3 }
)

/** A request, and the status of the first check that fails. */
export const request: FastCheck.Arbitrary<Request> = FastCheck.record({
  method,
  path,
  version,
  host: FastCheck.oneof(
    { weight: 3, arbitrary: FastCheck.constantFrom(...hosts.slice(0, 4)) },
    { weight: 1, arbitrary: FastCheck.constantFrom(...hosts) }
  ),
  upgrades,
  origin: FastCheck.oneof(
    { weight: 2, arbitrary: FastCheck.constant(origins[0] ?? ([undefined, true] as const)) },
    { weight: 1, arbitrary: FastCheck.constantFrom(...origins) }
  ),
  key: FastCheck.oneof(
    { weight: 2, arbitrary: FastCheck.constant(keys[0] ?? ([undefined, false] as const)) },
    { weight: 1, arbitrary: FastCheck.constantFrom(...keys) }
  ),
  others,
  end: FastCheck.constantFrom("\r\n", "\r\n", "\n")
}).map(({ end, host: [hostFields, hostStatus], key, method, origin, others, path, upgrades, version }) => {
  const target = path.text === "" ? "" : `${path.text} `
  const fields = [
    ...hostFields,
    ...upgrades.fields,
    ...[origin[0], key[0]].flatMap((field) => field ?? []),
    ...others.map(({ text }) => text)
  ]
  const text = [`${method.text} ${target}HTTP/${version.text}`, ...fields, "", ""].join(end)
  const isSocket = socket.includes(path.text)
  const isUpgrade = upgrades.isWhole && method.text === "GET"
  const checks: ReadonlyArray<number | undefined> = [
    version.status,
    others.find(({ status }) => status !== undefined)?.status,
    hostStatus,
    path.status,
    method.status,
    isSocket && !isUpgrade ? 426 : undefined,
    origin[1] ? undefined : 403,
    isSocket && !key[1] ? 400 : undefined
  ]
  return { text, status: checks.find((status) => status !== undefined) ?? (isSocket ? 101 : 200) }
})

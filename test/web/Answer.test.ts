import { assert, describe, it } from "@effect/vitest"
import * as HttpHead from "../../src/protocol/HttpHead.ts"
import { type Answer, answer } from "../../src/web/Answer.ts"

const policy = { hosts: ["box"], origins: ["https://chat.example.org"] }
const KEY = "AAAAAAAAAAAAAAAAAAAAAA=="
const whole = `Connection: keep-alive, Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: ${KEY}`
/** Fields of an upgrade, by what is wrong with them. */
const upgrades: { readonly [what: string]: string } = {
  upgrade: whole,
  "upgrade, version 8": whole.replace("13", "8"),
  "upgrade to h2c": whole.replace("websocket", "h2c"),
  "upgrade without Connection": whole.replace(", Upgrade", ""),
  "upgrade without a key": whole.replace(KEY, "x")
}

/** The answer to a request line and fields with `|` between them. */
const answerTo = (line: string, fields: string): Answer => {
  const all = fields.split("|").flatMap((field) => (upgrades[field] ?? field).split("|"))
  const text = [`${line} HTTP/1.1`, ...all, "", ""].join("\r\n")
  return answer(HttpHead.parse(Buffer.from(text, "latin1")), policy)
}

describe("a request is answered by the first check that it fails", () => {
  it.each([
    ["GET /", "Host: localhost:8001", "page"],
    ["HEAD /", "Host: localhost:8001", "page"],
    ["GET /?room=1", "Host: box", "page"],
    ["GET /", "Host: localhost|upgrade", "page"],
    ["GET /ws", "Host: localhost|upgrade", "websocket"],
    ["GET /ws?x", "Host: localhost|upgrade", "websocket"],
    ["GET /ws", "Host: localhost|Origin: http://localhost|upgrade", "websocket"],
    ["GET /ws", "Host: localhost|Origin: https://chat.example.org|upgrade", "websocket"],
    // The host, before everything else.
    ["POST /x", "no colon", "400"],
    ["POST /x", "Origin: null", "400"],
    ["POST /x", "Host:|Origin: null", "400"],
    ["POST /x", "Host: localhost|Host: localhost|Origin: null", "400"],
    ["POST /x", "Host: evil.example|Origin: null", "421"],
    ["POST /x", "Host: a b|Origin: null", "421"],
    // The path.
    ["POST /x", "Host: localhost|Origin: null", "404"],
    ["GET /ws/", "Host: localhost|upgrade", "404"],
    ["GET /%77s", "Host: localhost|upgrade", "404"],
    ["GET //", "Host: localhost", "404"],
    ["OPTIONS *", "Host: localhost", "404"],
    ["GET", "Host: localhost", "404"],
    // The method.
    ["POST /", "Host: localhost|Origin: null", "405"],
    ["OPTIONS /ws", "Host: localhost|Origin: null|upgrade", "405"],
    ["JOIN /", "Host: localhost", "405"],
    ["get /", "Host: localhost", "405"],
    // The upgrade.
    ["GET /ws", "Host: localhost|Origin: null", "426"],
    ["HEAD /ws", "Host: localhost|Origin: null|upgrade", "426"],
    ["GET /ws", "Host: localhost|Origin: null|upgrade, version 8", "426"],
    ["GET /ws", "Host: localhost|Origin: null|upgrade to h2c", "426"],
    ["GET /ws", "Host: localhost|Origin: null|upgrade without Connection", "426"],
    // The origin.
    ["GET /ws", "Host: localhost|Origin: null|upgrade", "403"],
    ["GET /ws", "Host: localhost|Origin: http://evil.example|upgrade", "403"],
    ["GET /ws", "Host: localhost|Origin: http://localhost:8002|upgrade without a key", "403"],
    ["GET /", "Host: localhost|Origin: null", "403"],
    ["GET /ws", "Host: localhost|upgrade without a key", "400"]
  ])("%s with %s: %s", (line, fields, expected) => {
    const answered = answerTo(line, fields)
    assert.strictEqual(answered._tag === "Refusal" ? String(answered.status) : answered._tag.toLowerCase(), expected)
  })
})

describe("a refusal says why", () => {
  it.each([
    ["GET /", "no colon", "This is not a request of HTTP/1.1."],
    ["GET /", "Accept: *", "The request names no host."],
    ["GET /x", "Host: box", "There is nothing here. The chat is at /."],
    ["POST /", "Host: box", "Only GET and HEAD."],
    ["GET /ws", "Host: box", "This is for WebSocket."],
    [
      "GET /",
      "Host: box|Origin: null",
      "Not for pages of other origins; the operator can allow them with --web-origin."
    ],
    [
      "GET /",
      "Host: chat.example.org:8001",
      "This server does not know itself as chat.example.org:8001. Its operator can allow that with --web-host chat.example.org"
    ],
    // Nothing is repeated that is not the name of a host.
    ["GET /", "Host: <script>", "This is not the name of a host."]
  ])("%s with %s: %s", (line, fields, expected) => assert.propertyVal(answerTo(line, fields), "line", expected))
})

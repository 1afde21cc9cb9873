import { assert, describe, it } from "@effect/vitest"
import { type Certificate, reloadLine } from "../../src/transports/Certificate.ts"

const one: Certificate = {
  cert: "1",
  key: "1",
  ca: undefined,
  subject: "CN=one",
  names: [],
  validFrom: 0,
  validTo: 1,
  expires: "Jan  2 00:00:00 2026 GMT"
}
const other: Certificate = { ...one, cert: "2", subject: "CN=other", names: [], expires: "Jan  3 00:00:00 2026 GMT" }

describe("the line about a reload", () => {
  it.each([
    ["CN=one (Expires Jan  2 00:00:00 2026 GMT), Unchanged", one, one],
    ["CN=other (Expires Jan  3 00:00:00 2026 GMT), Was CN=one (Expires Jan  2 00:00:00 2026 GMT)", one, other],
    ["CN=one (Expires Jan  2 00:00:00 2026 GMT), Authority of Clients Changed", one, { ...one, ca: "3" }],
    [
      "CN=one (Expires Jan  2 00:00:00 2026 GMT), Was CN=other (Expires Jan  3 00:00:00 2026 GMT), Authority of Clients Changed",
      { ...other, ca: "3" },
      one
    ]
  ])("says %j", (line, before, now) => {
    assert.strictEqual(reloadLine(before, now), `TLS Certificate Reloaded: ${line}`)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { type Certificate, reloadLine, validity } from "../../src/transports/Certificate.ts"

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

describe("a certificate", () => {
  const DAY = 24 * 60 * 60 * 1000
  it.each([
    ["of a year is lasting 30 days and a half before its end", 365, 30.5, "lasting"],
    ["of a year is ending 29 days before its end", 365, 29, "ending"],
    ["of six days is lasting while it is new", 6, 6, "lasting"],
    ["of six days is ending when less than a third is left", 6, 1.9, "ending"],
    ["is invalid at its end", 6, 0, "invalid"],
    ["is invalid before its beginning", 6, 6.1, "invalid"]
  ])("%s", (_, days, left, state) => {
    const certificate = { ...one, validFrom: 0, validTo: days * DAY }
    assert.strictEqual(validity("a.crt", certificate, (days - left) * DAY).state, state)
  })

  it("says in days how long it lasts", () => {
    const textAt = (day: number) => validity("a.crt", { ...one, validFrom: 0, validTo: 90 * DAY }, day * DAY).text
    assert.strictEqual(textAt(44.5), "a.crt and its key can be used for 45 more days")
    assert.strictEqual(textAt(88.1), "a.crt and its key can be used, but it expires in 2 days or less: renew it")
  })
})

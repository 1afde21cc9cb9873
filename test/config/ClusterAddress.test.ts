import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { clusterAddress } from "../../src/config/ClusterAddress.ts"

const parsed = (text: string) => Either.getOrUndefined(clusterAddress(text))

const plain = { master: undefined, secure: false, username: undefined, password: undefined, database: 0 }

describe("the address of an engine", () => {
  it.each([
    ["redis://cache", { ...plain, hosts: [{ host: "cache", port: 6379 }], shown: "redis://cache" }],
    [
      "redis://10.0.0.1:7000/3",
      { ...plain, hosts: [{ host: "10.0.0.1", port: 7000 }], database: 3, shown: "redis://10.0.0.1:7000/3" }
    ],
    ["redis://[::1]:7000", { ...plain, hosts: [{ host: "::1", port: 7000 }], shown: "redis://[::1]:7000" }],
    [
      "redis://:a%40b@cache",
      { ...plain, hosts: [{ host: "cache", port: 6379 }], password: "a@b", shown: "redis://cache" }
    ],
    [
      "rediss://ann:secret@cache",
      {
        ...plain,
        hosts: [{ host: "cache", port: 6379 }],
        secure: true,
        username: "ann",
        password: "secret",
        shown: "rediss://cache"
      }
    ],
    [
      "redis-sentinel://one,two:5000,[::1]/room",
      {
        ...plain,
        hosts: [
          { host: "one", port: 26379 },
          { host: "two", port: 5000 },
          { host: "::1", port: 26379 }
        ],
        master: "room",
        shown: "redis-sentinel://one,two:5000,[::1]/room"
      }
    ]
  ])("%s", (text, address) => {
    assert.deepStrictEqual(parsed(text), address)
  })

  it.each([
    "",
    "cache",
    "http://cache",
    "redis://",
    "redis://cache:0",
    "redis://cache:70000",
    "redis://cache/x",
    "redis://a,b",
    "redis-sentinel://a",
    "redis-sentinel://a,/room",
    "redis://a@b@c",
    "redis://:100%@cache",
    "redis://%ff:secret@cache"
  ])("%s is none", (text) => {
    assert.isUndefined(parsed(text))
  })
})

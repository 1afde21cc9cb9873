import { assert, describe, it } from "@effect/vitest"
import { descriptors } from "../../src/transports/PassedSockets.ts"

describe("the descriptors passed to process 42", () => {
  it.each([
    [{ LISTEN_PID: "42", LISTEN_FDS: "1" }, [3]],
    [{ LISTEN_PID: "42", LISTEN_FDS: "3" }, [3, 4, 5]],
    [{}, []],
    [{ LISTEN_FDS: "1" }, []],
    [{ LISTEN_PID: "41", LISTEN_FDS: "1" }, []],
    [{ LISTEN_PID: "42" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "0" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "-1" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "many" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "99999999" }, []]
  ])("by %j are %j", (env, expected) => assert.deepStrictEqual(descriptors(env, 42), expected))
})

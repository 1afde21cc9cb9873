import { spawn } from "node:child_process"
import { once } from "node:events"
import * as Effect from "effect/Effect"
import { freePort } from "./freePort.ts"

/** Starts the Redis server that keeps the rooms of `World` in a run of vitest.cluster.ts, and ends it. */
export default async () => {
  const port = String(await Effect.runPromise(freePort))
  const server = spawn("redis-server", ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
  let output = ""
  for await (const chunk of server.stdout) {
    output += String(chunk)
    if (output.includes("Ready to accept connections")) break
  }
  process.env["PARTYLINE_TEST_ENGINE"] = port
  return async () => {
    server.kill()
    await once(server, "exit")
  }
}

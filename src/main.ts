/** Entry point of the program: runs the command line until it ends or a signal interrupts it. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { run } from "./cli/Cli.ts"

// Cli has printed every error, defects included. The pretty logger would print log lines a second time.
NodeRuntime.runMain(Effect.provide(run(process.argv), NodeContext.layer), {
  disableErrorReporting: true,
  disablePrettyLogger: true
})

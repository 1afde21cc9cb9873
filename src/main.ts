/** The program: the command line, run until it is done or told to stop. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { run } from "./cli/Cli.ts"

// What is wrong, a fault of ours too, has been said by then. The pretty logger would print every line a second time.
NodeRuntime.runMain(Effect.provide(run(process.argv), NodeContext.layer), {
  disableErrorReporting: true,
  disablePrettyLogger: true
})

import { execFileSync } from "node:child_process"

/** Global setup: builds the program once, so that tests start the current sources. */
export default (): void => {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" })
}

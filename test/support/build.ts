import { execFileSync } from "node:child_process"

/** Builds the program once, so that what the tests start is what is in src. */
export default (): void => {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" })
}

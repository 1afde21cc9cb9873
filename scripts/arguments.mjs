// The arguments of the tools.
import { parseArgs } from "node:util"

/** Reads arguments. --help prints the usage; a mistake is one line, the usage and exit code 2. */
export const readArguments = (usage, config) => {
  const options = { ...config.options, help: { type: "boolean", short: "h", default: false } }
  try {
    const { positionals, values } = parseArgs({ ...config, options })
    if (!values.help) return { positionals, values }
  } catch ({ message }) {
    console.error(`${message}\n\n${usage}`)
    process.exit(2)
  }
  console.log(usage)
  process.exit(0)
}

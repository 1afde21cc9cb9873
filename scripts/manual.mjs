// Writes deploy/partyline.1 and deploy/completions from the settings, or with --check says whether they are up to date.
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { build } from "esbuild"

const bundle = async (contents) => {
  const stdin = { contents, resolveDir: "src", loader: "ts" }
  const { outputFiles } = await build({ stdin, bundle: true, write: false, platform: "node", format: "esm" })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`)
}

const { actions, completions, options, settings, variable } = await bundle(`
  export { variable } from "./config/Environment.ts"
  export { actions, options, settings } from "./config/Settings.ts"
  export { scripts as completions } from "./cli/Completions.ts"
`)
/** Text that mdoc takes for text. */
const plain = (text) => text.replaceAll("\\", "\\e").replace(/^[.']/gm, "\\&$&")

const entry = ({ flags, value, description, fallback }) => {
  const names = flags.map(
    (flag) => `Fl ${flag.slice(1).replaceAll("-", "\\-")}${value === undefined ? "" : ` Ar ${value}`}`
  )
  const otherwise = fallback === undefined ? "" : `\n.Pq default: ${plain(fallback)}`
  return `.It ${names.join(" , ")}\n${plain(description)}.${otherwise}\n`
}

const entries = (some) => some.map(entry).join("")

/** Lines of at most 80 characters, as is the custom. Lines that begin with a dot are macros. */
const wrapped = (text) =>
  text.replace(/^[^.\n].{80,}$/gm, (line) => line.replace(/(.{1,79})(?: |$)/g, "$1\n").trimEnd())

const reloadable = Object.values(settings)
  .filter(({ reload }) => reload !== undefined)
  .map(({ flag }) => flag)
  .join(", ")

const manual = `.\\" Made by npm run man from src/config/Settings.ts: change it there.
.Dd November 24, 2026
.Dt PARTYLINE 1
.Os
.Sh NAME
.Nm partyline
.Nd a small chat relay for telnet and nc
.Sh SYNOPSIS
.Nm
.Op Ar options
.Ar port
.Sh DESCRIPTION
.Nm
listens on the TCP
.Ar port
.Pq 0 to 65535; 0 takes a free one
and relays lines of text between those who connect, by
.Xr telnet 1 ,
.Xr nc 1
or a program of their own.
What happens is logged on standard output, a line for each event; what people write to each other is not.
.Pp
Who connects types one command a line:
.Bl -tag -width Ds
.It Ic JOIN Ar name
registers under that name: 1 to 32 letters and digits, unique whatever their case.
.It Ic LIST
shows who is here.
.It Ic MESG Ar name text
sends the text to one person.
.It Ic BCST Ar text
sends the text to everybody else.
.It Ic PING
is answered with PONG.
.It Ic QUIT
leaves.
.El
.Sh OPTIONS
Durations are written 500ms, 5s, 2m or 1h; a plain number is seconds, 0 is off.
.Bl -tag -width Ds
${entries(options.filter((option) => !actions.includes(option)))}.El
.Pp
Instead of serving:
.Bl -tag -width Ds
${entries(actions)}.El
.Sh ENVIRONMENT
Each option that has a value while serving has a variable, for which the option, if given, is taken instead:
.Fl \\-max\\-users
is
.Ev ${variable("max-users")} .
.Sh FILES
The file that
.Fl \\-config
names is TOML, each option under the name of its flag, and is taken where neither the command line nor the environment says
anything.
It is checked as a whole: an unknown option or a bad value is refused.
.Fl \\-print\\-config
prints one.
.Bd -literal -offset indent
max-users = 50
patience = "10s"
.Ed
.Sh SIGNALS
.Bl -tag -width Ds
.It Dv SIGINT , SIGTERM
Nobody more is accepted, everybody is told, what was queued is sent, and the program ends, after the drain timeout at the
latest.
A second signal ends it at once.
.It Dv SIGHUP
With
.Fl \\-config ,
the file is read again.
What can change without dropping anybody does
.Po ${reloadable} Pc ;
the log says what changed and what would need a restart.
A broken file changes nothing.
.El
.Sh EXIT STATUS
0 after a signal, and after printing what was asked for; 1 when the arguments are wrong or an address cannot be listened
on, which one line on standard error then says.
.Sh EXAMPLES
.Dl $ partyline 8001
.Pp
and in another terminal:
.Dl $ telnet localhost 8001
.Pp
A message from a script:
.Dl $ printf 'JOIN robot\\enBCST the build is green\\en' | nc -N localhost 8001
.Sh SEE ALSO
.Xr nc 1 ,
.Xr telnet 1
`

const files = {
  "deploy/partyline.1": wrapped(manual),
  "deploy/completions/partyline.bash": `${completions.bash()}\n`,
  "deploy/completions/partyline.fish": `${completions.fish()}\n`,
  "deploy/completions/_partyline": `${completions.zsh()}\n`
}
const isCheck = process.argv.includes("--check")
for (const [path, text] of Object.entries(files)) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue
  if (isCheck) {
    process.stdout.write(`${path} is not up to date: npm run man\n`)
    process.exitCode = 1
  } else writeFileSync(path, text)
}

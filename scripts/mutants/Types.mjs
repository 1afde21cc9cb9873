// Asks the compiler which changed files it accepts.
import { resolve } from "node:path"
import ts from "typescript"

/** Names that are left over by a fault are no reason to refuse it: they could have been removed with it. */
const lenient = { noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true }

/** Makes the function that tells, of files that are changed together, by name and text, those without an error. */
export const makeTypes = () => {
  const { fileNames, options } = ts.getParsedCommandLineOfConfigFile("tsconfig.json", lenient, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"))
    }
  })
  let changed = new Map()
  let round = 0
  const textOf = (file) => changed.get(file) ?? ts.sys.readFile(file)
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => options,
    getCurrentDirectory: () => process.cwd(),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => fileNames.filter((file) => file.startsWith(resolve("src"))),
    getScriptVersion: (file) => (changed.has(file) ? String(round) : ""),
    getScriptSnapshot: (file) => (ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(textOf(file)) : undefined)
  })
  const isRight = (file) =>
    service.getSyntacticDiagnostics(file).length === 0 && service.getSemanticDiagnostics(file).length === 0

  return (texts) => {
    changed = new Map([...texts].map(([file, text]) => [resolve(file), text]))
    round++
    return [...texts.keys()].filter((file) => isRight(resolve(file)))
  }
}

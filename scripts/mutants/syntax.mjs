// One-place faults by the syntax tree: another operator, a condition turned round, a call that is not made, an effect that is
// not waited for, a number, text or truth value that is wrong.
import ts from "typescript"

const K = ts.SyntaxKind

/** Operators, and what stands there instead. */
const operators = new Map([
  [K.LessThanToken, "<="],
  [K.LessThanEqualsToken, "<"],
  [K.GreaterThanToken, ">="],
  [K.GreaterThanEqualsToken, ">"],
  [K.EqualsEqualsEqualsToken, "!=="],
  [K.ExclamationEqualsEqualsToken, "==="],
  [K.AmpersandAmpersandToken, "||"],
  [K.BarBarToken, "&&"],
  [K.PlusToken, "-"],
  [K.MinusToken, "+"],
  [K.AsteriskToken, "/"],
  [K.SlashToken, "*"],
  [K.PercentToken, "*"],
  [K.AmpersandToken, "|"],
  [K.BarToken, "&"],
  [K.LessThanLessThanToken, ">>"],
  [K.GreaterThanGreaterThanToken, "<<"],
  [K.PlusEqualsToken, "-="],
  [K.MinusEqualsToken, "+="],
  [K.QuestionQuestionEqualsToken, "="],
  [K.BarBarEqualsToken, "="]
])

/** Whether a statement, or an expression that is a function's body, is a place: where coverage is measured. */
const isPlace = (node) =>
  (ts.isArrowFunction(node.parent) && node.parent.body === node && !ts.isBlock(node)) ||
  (ts.isStatement(node) && !ts.isBlock(node) && !ts.isFunctionDeclaration(node))

const isTypeOnly = (node) =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node)

const parse = (file, text) => ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)

/**
 * @typedef {{ file: string, line: number, place: number, kind: string, start: number, end: number, to: string }} Fault
 * @returns {Array<Fault>} all faults of one file; `place` is where the statement or function body around it begins
 */
export const faultsOf = (file, text) => {
  const source = parse(file, text)
  const faults = []
  const visit = (node, outer) => {
    if (isTypeOnly(node)) return
    const place = node.parent !== undefined && isPlace(node) ? node.getStart() : outer
    for (const [kind, start, end, to] of faultsAt(node)) {
      const line = source.getLineAndCharacterOfPosition(start).line + 1
      if (text.slice(start, end) !== to) faults.push({ file, line, place, kind, start, end, to })
    }
    ts.forEachChild(node, (child) => visit(child, place))
  }
  visit(source, 0)
  return faults
}

/** The faults that can be made of one node: kind, start, end and the text that stands there instead. */
function* faultsAt(node) {
  const instead = (kind, part, to) => [kind, part.getStart(), part.getEnd(), to]
  if (ts.isBinaryExpression(node)) {
    const to = operators.get(node.operatorToken.kind)
    if (to !== undefined && !joinsTexts(node)) yield instead("operator", node.operatorToken, to)
    if (node.operatorToken.kind === K.QuestionQuestionToken) yield instead("fallback", node, node.right.getText())
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const operand = node.operand.getText()
    if (node.operator === K.ExclamationToken || node.operator === K.MinusToken) yield instead("sign", node, operand)
    if (node.operator === K.PlusPlusToken) yield instead("step", node, `${operand}--`)
    if (node.operator === K.MinusMinusToken) yield instead("step", node, `${operand}++`)
  }
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
    yield instead("condition", node.expression, `!(${node.expression.getText()})`)
  }
  if (ts.isConditionalExpression(node)) {
    const [condition, yes, no] = [node.condition, node.whenTrue, node.whenFalse].map((part) => part.getText())
    yield instead("branches", node, `${condition} ? ${no} : ${yes}`)
  }
  if (ts.isExpressionStatement(node) && isAct(node.expression)) {
    yield instead(ts.isYieldExpression(node.expression) ? "no effect" : "no act", node, ";")
  }
  if (ts.isAwaitExpression(node)) yield instead("no wait", node, node.expression.getText())
  if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) yield instead("no jump", node, ";")
  if (ts.isReturnStatement(node))
    yield instead("no result", node, node.expression === undefined ? ";" : "return undefined")
  if (ts.isCallExpression(node)) yield* callFaults(node)
  if (ts.isNumericLiteral(node)) yield instead("number", node, `(${node.getText()} + 1)`)
  if (ts.isBigIntLiteral(node)) yield instead("number", node, `(${node.getText()} + 1n)`)
  if (node.kind === K.TrueKeyword) yield instead("truth", node, "false")
  if (node.kind === K.FalseKeyword) yield instead("truth", node, "true")
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) yield instead("text", node, '""')
}

/** A step of a pipe is left out; of several arguments only the first one is left, in place of the call. */
function* callFaults(node) {
  const isPipe = ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === "pipe"
  for (const step of isPipe ? node.arguments : []) {
    yield [
      "no step",
      step.getFullStart(),
      step.getEnd() + (node.getSourceFile().text[step.getEnd()] === "," ? 1 : 0),
      ""
    ]
  }
  const [first, ...others] = node.arguments
  if (!isPipe && others.length > 0) yield ["no call", node.getStart(), node.getEnd(), first.getText()]
}

/** A difference of texts would be found by every test of the line. */
const joinsTexts = ({ left, operatorToken, right }) =>
  operatorToken.kind === K.PlusToken &&
  [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side))

/** Whether an expression does something: a call, an effect that is waited for, a step or an assignment. */
const isAct = (node) =>
  ts.isCallExpression(node) ||
  ts.isYieldExpression(node) ||
  ts.isPostfixUnaryExpression(node) ||
  (ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= K.FirstAssignment &&
    node.operatorToken.kind <= K.LastAssignment)

/** The file with a call of `mark` before each place, which gets the name of the place. `imported` has that function. */
export const marked = (file, text, imported) => {
  const added = [[0, `import { mark as __mark } from ${JSON.stringify(imported)}; __mark("${file}:0");`]]
  const visit = (node) => {
    if (isTypeOnly(node)) return
    const isMarked = node.parent !== undefined && isPlace(node)
    const call = isMarked ? `__mark("${file}:${node.getStart()}")` : ""
    const isBody = isMarked && ts.isExpression(node)
    const isAlone = isMarked && !isBody && !isListed(node)
    if (isMarked) added.push([node.getStart(), isBody ? `(${call}, ` : isAlone ? `{ ${call}; ` : `${call}; `])
    ts.forEachChild(node, visit)
    if (isBody) added.push([node.getEnd(), ")"])
    if (isAlone) added.push([node.getEnd(), " }"])
  }
  visit(parse(file, text))
  let result = ""
  let from = 0
  for (const [at, what] of added.sort(([one], [other]) => one - other)) {
    result += text.slice(from, at) + what
    from = at
  }
  return result + text.slice(from)
}

/** Whether the statement is one of a list, so that another one can stand before it. */
const isListed = ({ parent }) => ts.isSourceFile(parent) || ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent)

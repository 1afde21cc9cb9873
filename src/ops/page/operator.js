/** The operator's acts on the page: saying something to everybody, and ending a connection. The token is only in its field. */
import { byId } from "./dom.js"

/** Posts, and returns undefined if it is done, or the words of the server. */
const post = async (path, body) => {
  const headers = { authorization: `Bearer ${byId("token").value}`, "content-type": "text/plain; charset=utf-8" }
  try {
    const response = await fetch(path, { method: "POST", headers, body })
    return response.ok ? undefined : (await response.text()).trim()
  } catch {
    return "The request could not be sent."
  }
}

const tell = (kind, text) => {
  byId("outcome").className = `outcome ${kind}`
  byId("outcome").textContent = text
}

/** Posts if there is a token, and says what came of it. Returns whether it is done. */
const act = async (path, body, done) => {
  if (byId("token").value === "") {
    byId("token").focus()
    tell("failed", "Type the token first: it is in the file of --ops-token.")
    return false
  }
  tell("", "…")
  const complaint = await post(path, body)
  if (complaint === undefined) tell("done", done)
  else tell("failed", complaint)
  return complaint === undefined
}

const say = async (event) => {
  event.preventDefault()
  const field = byId("text")
  if (await act("say", field.value, "Said to everybody registered.")) field.value = ""
}

/** Asks whether a connection is to be ended. */
const confirmed = ({ id, name, peer }) =>
  new Promise((resolve) => {
    const dialog = byId("confirmation")
    byId("question").textContent = name === undefined ? `End connection ${id}?` : `End the connection of ${name}?`
    byId("consequence").textContent =
      `Number ${id}, from ${peer}, is told “Removed by Operator. Disconnecting User.” and can come back at once.`
    dialog.returnValue = ""
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "end"), { once: true })
    dialog.showModal()
  })

/** Ends a connection, once that has been confirmed. */
export const end = async (connection) => {
  if (!(await confirmed(connection))) return
  await act(`disconnect?id=${connection.id}`, undefined, `Connection ${connection.id} has been ended.`)
}

byId("operator").addEventListener("submit", say)

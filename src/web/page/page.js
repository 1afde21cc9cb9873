// A placeholder: shows what the server sends.
const log = document.querySelector("#log")
const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/ws`)
socket.addEventListener("message", ({ data }) => log.append(data))

// GOV.UK components, again after each htmx swap; and a page's own clock for deadlines. Every page works without this file.
import { initAll } from "/static/vendor/govuk-frontend.min.js"

document.body.classList.add("js-enabled", "govuk-frontend-supported")
initAll()
stack(document)
document.addEventListener("htmx:after:swap", (event) => {
  const scope = event.target instanceof Element ? event.target : document.body
  initAll({ scope })
  stack(scope)
})

// Each cell learns the name of its column, so that a phone can show a row as a block; the roles outlive `display: block`.
function stack(scope) {
  for (const table of scope.querySelectorAll(".portal-table-scroll > .govuk-table")) {
    const names = [...table.querySelectorAll("thead th, thead td")].map((head) => (unseen(head) ? "" : head.innerText.trim()))
    if (names.length < 2 || table.querySelector("[colspan], [rowspan]")) continue
    table.setAttribute("role", "table")
    for (const group of table.querySelectorAll("thead, tbody, tfoot")) group.setAttribute("role", "rowgroup")
    for (const head of table.querySelectorAll("thead th")) head.setAttribute("role", "columnheader")
    for (const row of table.rows) {
      row.setAttribute("role", "row")
      if (row.closest("thead")) continue
      for (const cell of row.cells) {
        cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell")
        cell.dataset.column = cell.cellIndex && !empty(cell) ? names[cell.cellIndex] : ""
      }
    }
    table.classList.add("portal-stacks")
  }
}

// What a wide screen does not show, a phone need not: a heading for those who listen alone, and the name of an empty cell's column.
function unseen(head) {
  return head.children.length === 1 && head.firstElementChild.textContent === head.textContent.trim() && head.firstElementChild.classList.contains("govuk-visually-hidden")
}
function empty(cell) {
  return !cell.innerText.trim() && !cell.querySelector("input, select, textarea, img, svg")
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false
  button.addEventListener("click", () => window.print())
}

// A ready sentence goes into the words as soon as it is ticked, and out again; then the server need not add it.
for (const offer of document.querySelectorAll("[data-fills]")) {
  const words = document.getElementById(offer.dataset.fills)
  for (const box of offer.querySelectorAll("input[type=checkbox]")) {
    if (box.checked && !words.value.includes(box.value)) words.value = [words.value.trim(), box.value].filter(Boolean).join("\n")
    box.removeAttribute("name")
    box.addEventListener("change", () => {
      const lines = words.value.trim().split("\n").filter((line) => line !== box.value)
      words.value = (box.checked ? [...lines, box.value] : lines).join("\n").trim()
      words.dispatchEvent(new Event("keyup"))
    })
  }
}

for (const told of document.querySelectorAll("[data-sum]")) {
  const parts = document.querySelectorAll(`input[name^="${told.dataset.sum}"]`)
  const tell = () => {
    const sum = [...parts].reduce((total, part) => total + (Number.parseInt(part.value, 10) || 0), 0)
    told.textContent = `The weights add up to ${sum}%${sum === 100 ? "." : "; they must add up to 100%."}`
  }
  for (const part of parts) part.addEventListener("input", tell)
}

// A form that keeps itself with every change says so in #saved-at. While what was typed is not kept that line stays in view, the
// browser asks before the page is left, and it is sent again when the line is up; left all the same, what was typed last is sent.
for (const form of document.querySelectorAll("form[data-keeps]")) {
  const line = document.getElementById("saved-at")
  let typed = 0, sent = 0, kept = 0, waits, tries
  const warn = (words) => {
    if (words) line.textContent = words
    line.classList.add("portal-unsaved")
  }
  const settle = () => {
    clearTimeout(waits)
    clearTimeout(tries)
    line.classList.remove("portal-unsaved")
    waits = kept < typed ? setTimeout(warn, 5000, "Not saved yet.") : undefined
  }
  const again = () => {
    if (line.classList.contains("portal-unsaved")) form.dispatchEvent(new Event("change", { bubbles: true }))
  }
  form.addEventListener("input", () => {
    typed += 1
    waits ??= setTimeout(warn, 5000, "Not saved yet.")
  })
  form.addEventListener("htmx:before:request", () => { sent = typed })
  form.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx.response.status >= 400) return warn()
    kept = sent
    settle()
  })
  form.addEventListener("htmx:error", () => {
    warn("Not saved: the service cannot be reached. What you typed is still here, and is sent again once it can be.")
    clearTimeout(tries)
    tries = setTimeout(again, 30000)
  })
  window.addEventListener("online", again)
  window.addEventListener("beforeunload", (event) => {
    if (line.classList.contains("portal-unsaved")) event.preventDefault()
  })
  form.addEventListener("submit", () => {
    typed = sent = kept = 0
    settle()
  })
  window.addEventListener("pagehide", () => {
    const body = new URLSearchParams(new FormData(form))
    if (typed) fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true })
  })
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && typed) location.reload()
  })
}

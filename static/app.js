// GOV.UK components, again after each htmx swap; and a page's own clock for deadlines. Every page works without this file.
import { initAll } from "/static/vendor/govuk-frontend.min.js"

document.body.classList.add("js-enabled", "govuk-frontend-supported")
initAll()
document.addEventListener("htmx:after:swap", (event) => {
  initAll({ scope: event.target instanceof Element ? event.target : document.body })
})

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false
  button.addEventListener("click", () => window.print())
}

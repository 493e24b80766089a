// Adds a row to a table of the form where the button would save the page and add it.
const renumbered = (value, from, to) => value.replace(`__${from}__`, `__${to}__`);
const NAMED = ["name", "id", "for", "aria-describedby"];

export const addingRows = (form, changed) => {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-rhi-add]");
    if (!button) {
      return;
    }
    const rows = [...button.closest(".rhi-question").querySelectorAll(".rhi-question__row")];
    if (rows.length >= Number(button.dataset.rhiAdd)) {
      return;
    }
    event.preventDefault();
    const last = rows.length - 1;
    const row = rows[last].cloneNode(true);
    for (const each of row.querySelectorAll("*")) {
      for (const name of NAMED.filter((name) => each.hasAttribute(name))) {
        each.setAttribute(name, renumbered(each.getAttribute(name), last, rows.length));
      }
      each.classList.remove("govuk-form-group--error", "govuk-input--error", "govuk-select--error");
    }
    for (const each of row.querySelectorAll(".govuk-error-message")) {
      each.remove();
    }
    for (const each of row.querySelectorAll("input, select, textarea")) {
      if (each.type === "radio" || each.type === "checkbox") {
        each.checked = false;
      } else {
        each.value = "";
      }
    }
    row.setAttribute("aria-label", row.getAttribute("aria-label").replace(/\d+$/, rows.length + 1));
    rows[last].after(row);
    row.querySelector("input, select, textarea").focus();
    changed();
  });
};

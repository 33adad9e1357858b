"use strict";
/* The counter's forms: what an ID card tells stands there at once, the keyboard is enough, a form is sent once. */
(() => {
  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const CHECK = "10X98765432";

  function normal(text) {
    const narrow = text.trim().replace(/[！-～]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0));
    return narrow.toUpperCase();
  }

  function lastPlace(first) {
    let sum = 0;
    for (let at = 0; at < 17; at += 1) sum += Number(first[at]) * WEIGHTS[at];
    return CHECK[sum % 11];
  }

  /* What the number tells: {birth, sex}, or {hint} where it cannot be one. */
  function told(number, texts) {
    let full = number;
    if (/^[0-9]{15}$/.test(number)) {
      const first = `${number.slice(0, 6)}19${number.slice(6)}`;
      full = first + lastPlace(first);
    }
    if (!/^[0-9]{17}[0-9X]$/.test(full)) return { hint: texts.length };
    if (lastPlace(full) !== full[17]) return { hint: texts.wrong };
    return {
      birth: `${full.slice(6, 10)}-${full.slice(10, 12)}-${full.slice(12, 14)}`,
      sex: Number(full[16]) % 2 ? "1" : "2",
    };
  }

  function read(row, texts) {
    const at = (name) => row.querySelector(`[data-member="${name}"]`);
    const number = at("id_number");
    const hint = number.parentElement.querySelector("[data-hint]");
    hint.textContent = "";
    if (!number.value.trim() || at("id_type").value !== "01") return;
    const found = told(normal(number.value), texts);
    if (found.hint) {
      hint.textContent = found.hint;
      return;
    }
    number.value = normal(number.value);
    at("birth_date").value = found.birth;
    at("gender").value = found.sex;
  }

  function family(table) {
    const rows = [...table.querySelectorAll("[data-row]")];
    rows.forEach((row) => {
      const fields = ["id_number", "id_type"].map((name) => row.querySelector(`[data-member="${name}"]`));
      fields.forEach((field) => field.addEventListener("change", () => read(row, table.dataset)));
    });
    const add = () => {
      const next = rows.find((row) => row.hidden);
      if (!next) return;
      next.hidden = false;
      next.querySelector("select, input").focus();
    };
    document.querySelector("[data-add-row]").addEventListener("click", add);
    document.addEventListener("keydown", (event) => {
      if (event.altKey && event.key.toLowerCase() === "n") {
        event.preventDefault();
        add();
      }
    });
    const wrong = table.querySelector('[role="alert"]');
    const first = wrong ? wrong.parentElement : table.querySelector('[data-member="id_number"]').parentElement;
    if (!document.getElementById("effects")) first.querySelector("input, select").focus();
  }

  /* Enter goes to the next field, as on the keypads clerks know; Ctrl+Enter sends (desk.js). */
  function walk(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (!event.target.matches("input:not([type=checkbox]), select") || !event.target.form) return;
    event.preventDefault();
    const fields = [...event.target.form.querySelectorAll("input, select, textarea, button[type=submit]")].filter(
      (field) => field.type !== "hidden" && field.offsetParent !== null,
    );
    const next = fields[fields.indexOf(event.target) + 1];
    if (next) next.focus();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-family]").forEach(family);
    document.querySelectorAll("form[data-once]").forEach((form) => {
      form.addEventListener("keydown", walk);
      form.addEventListener("submit", (event) => {
        if (form.dataset.sent) event.preventDefault();
        form.dataset.sent = "1";
      });
    });
    const effects = document.getElementById("effects");
    const save = document.querySelector("[data-autofocus]");
    if (effects && save) {
      effects.scrollIntoView({ block: "nearest" });
      save.focus();
    }
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-once]").forEach((form) => { delete form.dataset.sent; });
  });
})();

"use strict";
/* The desk's few moving parts: live progress, filters that apply themselves, lists driven by the keyboard. */
(() => {
  const number = (value) => Number(value).toLocaleString("en-US");

  function follow(box) {
    const wait = () => window.setTimeout(ask, 1000);
    async function ask() {
      let answer;
      try {
        const response = await fetch(box.dataset.progressUrl, { headers: { Accept: "application/json" } });
        if (!response.ok) throw new Error(String(response.status));
        answer = await response.json();
      } catch {
        wait();
        return;
      }
      if (answer.state !== box.dataset.state) {
        window.location.reload();
        return;
      }
      const fill = box.querySelector("[data-fill]");
      fill.style.width = `${answer.percent}%`;
      fill.parentElement.setAttribute("aria-valuenow", String(answer.percent));
      box.querySelector("[data-phase]").textContent = answer.phase;
      box.querySelector("[data-percent]").textContent = `${answer.percent} %`;
      box.querySelector("[data-lines]").textContent = `${number(answer.lines_seen)} / ${number(answer.lines)}`;
      box.querySelector("[data-chunks]").textContent = `${answer.chunks_done} / ${answer.chunks}`;
      wait();
    }
    ask();
  }

  function rows() {
    return [...document.querySelectorAll("#result_list tbody tr, [data-keys] tbody tr")].filter((row) => row.querySelector("a[href]"));
  }

  /* The row under the cursor ticked or not, as a click would. */
  function tick() {
    const box = document.querySelector('tr.desk-cursor input[type="checkbox"]');
    if (box) box.click();
    return Boolean(box);
  }

  /* How many rows are ticked and their yuan, counted in fen. */
  function total(form) {
    const ticked = [...form.querySelectorAll("input[data-amount]")].filter((box) => box.checked);
    const fen = ticked.reduce((sum, box) => sum + Math.round(Number(box.dataset.amount) * 100), 0);
    form.querySelector("[data-ticked]").textContent = number(ticked.length);
    form.querySelector("[data-ticked-yuan]").textContent = (fen / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("desk-cursor"));
    const next = Math.max(0, Math.min(all.length - 1, at + step));
    all.forEach((row) => row.classList.remove("desk-cursor"));
    all[next].classList.add("desk-cursor");
    all[next].querySelector("a[href]").focus();
    all[next].scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-progress-url]").forEach(follow);
    document.querySelectorAll("[data-filters]").forEach((form) => {
      form.addEventListener("change", (event) => {
        if (event.target.tagName === "SELECT" || event.target.type === "date") form.requestSubmit();
      });
      form.addEventListener("submit", () => {
        form.querySelectorAll("input, select").forEach((field) => { field.disabled = field.value === ""; });
      });
    });
    document.querySelectorAll("[data-fill-text]").forEach((button) => {
      button.addEventListener("click", () => {
        const field = document.getElementById(button.dataset.fillText);
        field.value = button.textContent.trim();
        field.focus();
      });
    });
    document.querySelectorAll("[data-totals]").forEach((form) => {
      form.addEventListener("change", () => total(form));
      total(form);
    });
    document.querySelectorAll("[data-all]").forEach((box) => {
      box.addEventListener("change", () => {
        document.querySelectorAll(`input[name="${box.dataset.all}"]`).forEach((one) => { one.checked = box.checked; });
      });
    });
  });

  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-filters] :disabled").forEach((field) => { field.disabled = false; });
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
    if (typing) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing.form) typing.form.requestSubmit();
      if (event.key === "Escape") typing.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j" || event.key === "k") {
      move(event.key === "j" ? 1 : -1);
      event.preventDefault();
      return;
    }
    if (event.key === "x" && tick()) {
      event.preventDefault();
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (target) {
      if (target.matches("input, textarea, select")) target.focus();
      else target.click();
      event.preventDefault();
    }
  });
})();

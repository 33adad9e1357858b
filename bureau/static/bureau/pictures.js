"use strict";
/* Pictures on the desk: one at a time beside the form, enlarged where it was clicked, turned by quarters. */
(() => {
  const STEPS = [1, 2, 4];

  function setUp(box) {
    const stage = box.querySelector("[data-stage]");
    const image = box.querySelector("[data-shown]");
    const broken = box.querySelector("[data-broken]");
    const buttons = [...box.querySelectorAll("[data-picture]")];
    let step = 0;
    let quarters = 0;

    function draw() {
      image.style.width = `${STEPS[step] * 100}%`;
      image.style.transform = `rotate(${quarters * 90}deg)`;
      stage.classList.toggle("desk-stage-turned", quarters % 2 === 1);
      stage.classList.toggle("desk-stage-large", step > 0);
    }

    function zoom(across = 0.5, down = 0.5) {
      step = (step + 1) % STEPS.length;
      draw();
      stage.scrollLeft = across * stage.scrollWidth - stage.clientWidth / 2;
      stage.scrollTop = down * stage.scrollHeight - stage.clientHeight / 2;
    }

    function choose(button) {
      buttons.forEach((one) => one.classList.toggle("desk-chip-on", one === button));
      step = 0;
      quarters = 0;
      broken.hidden = true;
      stage.hidden = false;
      image.alt = button.dataset.alt;
      image.src = button.dataset.picture;
      draw();
    }

    image.addEventListener("error", () => { stage.hidden = true; broken.hidden = false; });
    image.addEventListener("click", (event) => zoom(event.offsetX / image.clientWidth, event.offsetY / image.clientHeight));
    box.querySelector("[data-zoom]").addEventListener("click", () => zoom());
    box.querySelector("[data-turn]").addEventListener("click", () => { quarters = (quarters + 1) % 4; draw(); });
    buttons.forEach((button) => button.addEventListener("click", () => choose(button)));
    if (buttons.length) choose(buttons[0]);
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-pictures]").forEach(setUp));
})();

// Clocks count on while a page stays open, and say politely, once, that one has run out. Without this they stand as drawn.
import { serverNow } from "./servertime.js";
import { standing, steady } from "./standing.js";

const AT_MOST = 3; // clocks that are named when several run out at once, as after a night's sleep

const drawn = (element) => ({
  element,
  due: Date.parse(element.dataset.rhiDue),
  name: element.dataset.rhiClock,
  tone: element.dataset.rhiTone,
  over: element.dataset.rhiTone === "late",
});

const redraw = (clock, now) => {
  const { tone, words } = standing(clock.due, now);
  if (tone !== clock.tone) {
    clock.element.classList.replace(`rhi-standing--${clock.tone}`, `rhi-standing--${tone}`);
    clock.tone = tone;
  }
  if (clock.element.textContent !== words) {
    clock.element.textContent = words;
  }
};

const inWords = (clocks) =>
  clocks.length > AT_MOST
    ? `${clocks.length} clocks have run out.`
    : clocks.map((clock) => `${clock.name}: the time has run out.`).join(" ");

// `say` speaks to whoever listens to the page instead of looking at it.
export const countDown = (say) => {
  const clocks = [...document.querySelectorAll("[data-rhi-due]")].map(drawn);
  if (!clocks.length) {
    return;
  }
  let timer;
  const tick = () => {
    window.clearTimeout(timer);
    const now = serverNow();
    clocks.forEach((clock) => redraw(clock, now));
    const over = clocks.filter((clock) => clock.tone === "late" && !clock.over);
    if (over.length) {
      over.forEach((clock) => {
        clock.over = true;
      });
      say(inWords(over));
    }
    timer = window.setTimeout(tick, Math.min(...clocks.map((clock) => steady(clock.due, now))));
  };
  // A machine that sleeps stops its timers, and a tab that is out of sight has few of them.
  document.addEventListener("visibilitychange", tick);
  window.addEventListener("pageshow", tick);
  window.addEventListener("focus", tick);
  tick();
};

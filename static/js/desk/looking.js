// Asks once a minute whether there is more to show; less often while nothing answers, and not at all while nobody looks.
import { keepTime } from "./servertime.js";

const EVERY = 60_000; // milliseconds
const SELDOM = 16 * EVERY;
const TOO_LONG = 20_000;
const TRY_AGAIN = [408, 429];

// Somebody who has signed out is sent to where one signs in; what is no longer theirs is not found.
const isRefused = (answer) =>
  answer.type === "opaqueredirect" ||
  (answer.status >= 400 && answer.status < 500 && !TRY_AGAIN.includes(answer.status));

export const watch = (address, offer) => {
  let pause = EVERY;
  let next = Date.now() + EVERY;
  let timer;
  let asking = false;
  let over = false;

  const look = async () => {
    asking = true;
    try {
      const answer = await fetch(address, {
        headers: { Accept: "application/json" },
        redirect: "manual",
        signal: AbortSignal.timeout(TOO_LONG),
      });
      over = isRefused(answer);
      if (answer.ok) {
        const { now, says } = await answer.json();
        keepTime(now);
        offer(says);
      }
      pause = answer.ok ? EVERY : Math.min(2 * pause, SELDOM);
    } catch {
      pause = Math.min(2 * pause, SELDOM); // no connection now; a later look may find one
    }
    asking = false;
    next = Date.now() + pause;
    wait();
  };

  const wait = () => {
    window.clearTimeout(timer);
    if (!over && !asking && !document.hidden) {
      timer = window.setTimeout(look, Math.min(Math.max(next - Date.now(), 0), pause));
    }
  };

  document.addEventListener("visibilitychange", wait);
  wait();
};

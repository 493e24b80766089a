// One honest line: what stands on the page is saved, is being saved, or is not, and why.
const SAYS = {
  begun: () => "What you write is saved by itself.",
  writing: () => "Saving…",
  saved: (time) => `Saved ${time}`,
  asks: (time) =>
    `Not saved: somebody else changed an answer that you wrote too. Choose which stands. The rest was saved ${time}.`,
  refused: (why) => `Not saved: ${why}`,
  offline: () => "Not saved: no connection. Keep this page open; it saves by itself when the connection is back.",
  trouble: () => "Not saved: the site does not answer as it should. Keep this page open; it tries again by itself.",
  out: () => "Not saved: you are signed out. Sign in again, and it is saved.",
};
const GOOD = ["begun", "writing", "saved"];

// A function that says a state. Listeners hear of trouble, and of its end; not of every saving.
export const stateLine = (form) => {
  const place = form.querySelector("[data-rhi-line]");
  const heard = form.querySelector("[data-rhi-heard]");
  let well = true;
  const say = (state, more) => {
    const words = SAYS[state](more);
    const good = GOOD.includes(state);
    place.dataset.rhiLine = good ? state : "trouble";
    place.textContent = words;
    place.hidden = false;
    if (!good || (!well && state === "saved")) {
      heard.textContent = words;
    }
    well = good || (well && state === "writing");
  };
  say("begun");
  return say;
};

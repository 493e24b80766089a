// Offers to show what has come since a page was opened, at the lower edge of the window. Nothing else on the page moves,
// and the offer itself waits while a pointer rests where it would appear: somebody may be about to press what is there.
let pointer = null;
window.addEventListener(
  "pointermove",
  (event) => {
    pointer = { x: event.clientX, y: event.clientY };
  },
  { passive: true },
);

const rests = (bar) => {
  const box = bar.getBoundingClientRect();
  return pointer && pointer.x >= box.left && pointer.x <= box.right && pointer.y >= box.top && pointer.y <= box.bottom;
};

// A function that makes the offer, takes it back when there is nothing to say, and says it to whoever listens.
export const offering = (place, say) => {
  const bar = document.createElement("div");
  bar.className = "rhi-offer rhi-offer--held";
  const words = document.createElement("p");
  words.className = "govuk-body govuk-!-margin-bottom-0";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary govuk-!-margin-bottom-0";
  button.textContent = place.dataset.rhiShow;
  button.addEventListener("click", () => window.location.reload());
  bar.append(words, button);
  bar.hidden = true;
  place.append(bar);

  const appear = () => {
    if (!rests(bar)) {
      bar.classList.remove("rhi-offer--held");
      window.removeEventListener("pointermove", appear);
    }
  };
  return (says) => {
    if (words.textContent === says) {
      return;
    }
    words.textContent = says;
    bar.hidden = !says;
    if (!says) {
      bar.classList.add("rhi-offer--held");
      return;
    }
    say(`${says}.`);
    if (bar.classList.contains("rhi-offer--held")) {
      window.addEventListener("pointermove", appear, { passive: true });
      appear();
    }
  };
};

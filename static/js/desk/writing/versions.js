// Puts another's version of an answer beside one's own, and takes it away again once it is said which stands. Nothing
// that somebody is writing in is drawn anew.
const OTHER = ".rhi-question__other";

const drawn = (html) => new DOMParser().parseFromString(html, "text/html").body.querySelector(".rhi-question");

export const versions =
  (form) =>
  ({ differing, settled }) => {
    for (const [key, html] of Object.entries(settled)) {
      const block = form.querySelector(`#question-${key}`);
      const inside = block.contains(document.activeElement);
      const fresh = drawn(html);
      block.replaceWith(fresh);
      if (inside) {
        fresh.querySelector("input, textarea, select").focus();
      }
    }
    for (const block of form.querySelectorAll(".rhi-question")) {
      const old = block.querySelector(OTHER);
      const html = differing[block.id.replace("question-", "")];
      if (!html) {
        old?.remove();
        continue;
      }
      const other = drawn(html).querySelector(OTHER);
      if (!old) {
        block.prepend(other);
      } else if (old.querySelector("p").textContent !== other.querySelector("p").textContent) {
        old.replaceWith(other);
      }
    }
  };

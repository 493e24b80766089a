// Signing in again over the page: in a window of its own, so that the page with what somebody wrote stays as it is.
const EVERY = 2_000; // milliseconds

const pause = () =>
  new Promise((done) => {
    const over = () => {
      window.clearTimeout(timer);
      window.removeEventListener("focus", over);
      done();
    };
    const timer = window.setTimeout(over, EVERY);
    window.addEventListener("focus", over);
  });

// A function that waits until whoever opened the page is signed in again, and gives the page what it then needs.
export const signingIn = (form) => {
  const panel = document.querySelector("[data-rhi-signed-out]");
  const somebodyElse = panel.querySelector("[data-rhi-somebody-else]");
  let opened = null;
  panel.querySelector("[data-rhi-sign-in]").addEventListener("click", (event) => {
    event.preventDefault();
    opened = window.open(event.currentTarget.href, "_blank");
  });

  const who = async () => {
    try {
      const answer = await fetch(form.dataset.rhiWho, { headers: { Accept: "application/json" }, redirect: "manual" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // no connection now; it is asked again
    }
  };

  panel.querySelector("[data-rhi-not-now]").addEventListener("click", () => {
    panel.hidden = true;
  });

  return async () => {
    let asked = false; // whoever puts the question away reads and copies what they wrote; the line still says it
    for (;;) {
      const found = await who();
      if (found && String(found.writer) === form.elements.writer.value) {
        for (const field of document.getElementsByName("csrfmiddlewaretoken")) {
          field.value = found.token;
        }
        panel.hidden = true;
        opened?.close();
        opened = null;
        return;
      }
      somebodyElse.hidden = !found;
      if (found) {
        somebodyElse.querySelector("[data-rhi-name]").textContent = found.name;
      }
      if (!asked) {
        panel.hidden = false; // nothing takes the keys away from whoever is writing
        asked = true;
      }
      await pause();
    }
  };
};

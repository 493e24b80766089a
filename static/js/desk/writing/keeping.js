// Sends what somebody writes two seconds after the first letter that is not saved yet, one request at a time, until the
// site has it. A page counts its requests, so that one which arrives late cannot undo a newer one.
const PAUSE = 2_000; // milliseconds
const TOO_LONG = 8_000;

export const keeping = (form, { line, show, signIn }) => {
  const fields = form.elements;
  let changes = 0;
  let kept = 0;
  let refused = false;
  let undecided = false; // two wrote the same answer, and nobody has chosen: this page alone has ours
  let asking = null;
  let timer;
  let leaving = false;

  const unsaved = () => changes > kept;

  const next = () => {
    fields.turn.value = Number(fields.turn.value) + 1;
    return new FormData(form);
  };

  const take = (answer, until) => {
    fields.shown.value = answer.shown;
    show(answer);
    kept = until;
    const [first] = Object.values(answer.refused);
    refused = Boolean(first);
    undecided = Object.keys(answer.differing).length > 0;
    if (first) {
      line("refused", `“${first[0]}”. ${first[1]}`);
    } else if (undecided) {
      line("asks", answer.saved);
    } else {
      line(unsaved() ? "writing" : "saved", answer.saved);
    }
  };

  const ask = async () => {
    const until = changes;
    try {
      const answer = await fetch(form.dataset.rhiKeep, {
        method: "POST",
        body: next(),
        headers: { Accept: "application/json" },
        redirect: "manual",
        signal: AbortSignal.timeout(TOO_LONG),
      });
      if (answer.ok) {
        take(await answer.json(), until);
      } else if (answer.status === 409) {
        line("refused", (await answer.json()).says);
      } else if (answer.status === 404) {
        line("refused", "you can no longer work on this referral. Copy what you wrote before you close this page.");
      } else if (answer.type === "opaqueredirect" || answer.status === 403) {
        line("out");
        await signIn();
      } else {
        line("trouble");
      }
    } catch {
      line("offline");
    }
  };

  const send = () => {
    window.clearTimeout(timer);
    timer = undefined;
    if (!asking) {
      asking = ask().finally(() => {
        asking = null;
        plan();
      });
    }
    return asking;
  };

  const plan = () => {
    if (unsaved() && !asking && timer === undefined) {
      timer = window.setTimeout(send, PAUSE);
    }
  };

  const changed = () => {
    changes += 1;
    if (!asking && !refused) {
      line("writing");
    }
    plan();
  };

  // Sends what is left before somebody goes on; answers whether the site has it.
  const finish = async () => {
    if (asking) {
      await asking;
    }
    if (unsaved()) {
      await send();
    }
    return !unsaved();
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", async (event) => {
    if (leaving || !(asking || unsaved())) {
      leaving = true;
      return;
    }
    event.preventDefault();
    if (await finish()) {
      leaving = true;
      form.requestSubmit(event.submitter);
    }
  });

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || link.target || !plain || link.pathname === window.location.pathname || !unsaved()) {
      return;
    }
    event.preventDefault();
    await finish();
    window.location.assign(link.href); // asks, while something is not saved
  });

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && (unsaved() || refused || undecided)) {
      event.preventDefault();
    }
  });
  window.addEventListener("pagehide", () => {
    if (!leaving && unsaved()) {
      navigator.sendBeacon(form.dataset.rhiKeep, next());
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && unsaved()) {
      send();
    }
  });
  window.addEventListener("online", () => {
    if (unsaved()) {
      send();
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      leaving = false;
    }
  });
  return { changed };
};

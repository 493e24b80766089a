// A download that is being made says so when it is ready, without being asked. Without this one presses "Check again".
const EVERY = 2000; // milliseconds
const AT_MOST = 150; // five minutes: asking for ever would keep somebody signed in who has left their desk

const place = document.querySelector("[data-rhi-download]");

const unfinished = () => ["waiting", "being_made"].includes(place.dataset.rhiDownload);

const look = async (left) => {
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-rhi-download]");
    if (answer.redirected) {
      return; // signed out meanwhile: the link leads to where one signs in
    }
    if (now && now.innerHTML !== place.innerHTML) {
      place.dataset.rhiDownload = now.dataset.rhiDownload;
      place.replaceChildren(...now.childNodes);
    }
  } catch {
    // No connection now; the next look may find one.
  }
  if (unfinished() && left > 0) {
    window.setTimeout(look, EVERY, left - 1);
  }
};

if (place && unfinished()) {
  window.setTimeout(look, EVERY, AT_MOST);
}

// Keeps true what a page says while it stays open. Without this it is as true as when it was opened.
import { countDown } from "./clocks.js";
import { watch } from "./looking.js";
import { offering } from "./offer.js";
import { keepTime } from "./servertime.js";

const place = document.querySelector("[data-rhi-now]");

if (place) {
  const heard = document.createElement("p");
  heard.className = "govuk-visually-hidden";
  heard.setAttribute("role", "status");
  place.append(heard);
  const say = (words) => {
    heard.textContent = words;
  };
  keepTime(place.dataset.rhiNow);
  countDown(say);
  if (place.dataset.rhiLook) {
    watch(place.dataset.rhiLook, offering(place, say));
  }
}

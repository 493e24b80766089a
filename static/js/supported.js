// Runs before the page is drawn, so that what a script will hide or show does not jump. Without it, all is shown.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}

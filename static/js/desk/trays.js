// Every referral of the page ticked at once, and how many are ticked. Without this the boxes are ticked one by one.
const form = document.querySelector("[data-rhi-tray]");

if (form) {
  const boxes = [...form.querySelectorAll("input[name=referrals]")];
  const bar = form.querySelector(".rhi-tray__bar");
  const all = document.createElement("button");
  all.type = "button";
  all.className = "govuk-button govuk-button--secondary govuk-!-margin-bottom-0";
  const told = document.createElement("p");
  told.className = "govuk-body govuk-!-margin-bottom-0";
  told.setAttribute("role", "status");
  bar.append(all, told);

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.textContent = ticked === boxes.length ? "Tick none" : "Tick all on this page";
    told.textContent = ticked ? `${ticked} ticked` : "";
  };
  all.addEventListener("click", () => {
    const tick = !boxes.every((box) => box.checked);
    boxes.forEach((box) => {
      box.checked = tick;
    });
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}

// Saves the interview's form while somebody writes in it. Without this its buttons save.
import { keeping } from "./writing/keeping.js";
import { stateLine } from "./writing/line.js";
import { addingRows } from "./writing/rows.js";
import { signingIn } from "./writing/signingin.js";
import { versions } from "./writing/versions.js";

const form = document.querySelector("form[data-rhi-keep]");

if (form) {
  const line = stateLine(form);
  const keeper = keeping(form, { line, show: versions(form), signIn: signingIn(form) });
  addingRows(form, keeper.changed);
}

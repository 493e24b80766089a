// Every page works without this; it only adds (show a password, focus the error summary, guard against double clicks).
import { initAll } from "../vendor/govuk/govuk-frontend.min.js";

initAll();

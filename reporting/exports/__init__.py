"""The monthly table, and the list of cases behind a figure, as files to hand on."""

from reporting.exports.document import as_pdf
from reporting.exports.publishing import for_publishing
from reporting.exports.text import as_csv, as_json, as_text, cases_as_csv
from reporting.exports.workbook import as_xlsx, cases_as_xlsx

__all__ = ["as_csv", "as_json", "as_pdf", "as_text", "as_xlsx", "cases_as_csv", "cases_as_xlsx", "for_publishing"]

"""The addresses of the figures, beneath /reports/."""

from django.urls import path, register_converter

from reporting.tables import Month
from reporting.views import cases, downloads, measures, table


class MonthConverter:
    """A month in an address: 2017-04."""

    regex = r"20[0-9]{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> Month:
        return Month.of(value)

    def to_url(self, value: Month) -> str:
        return str(value)


register_converter(MonthConverter, "month")

app_name = "reporting"
urlpatterns = [
    path("", table.table, name="table"),
    path("file/<slug:format>/", table.table_file, name="table_file"),
    path("cases/<slug:key>/<month:month>/", cases.cases, name="cases"),
    path("cases/<slug:key>/<month:month>/file/<slug:format>/", cases.cases_file, name="cases_file"),
    path("measures/", measures.measures, name="measures"),
    path("downloads/", downloads.downloads, name="downloads"),
    path("downloads/<uuid:key>/", downloads.download, name="download"),
    path("downloads/<uuid:key>/file/", downloads.download_file, name="download_file"),
]

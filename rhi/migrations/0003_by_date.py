"""The indexes by which a month's offers and interviews are found among all years'."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rhi", "0002_desk")]

    operations = [
        migrations.AddIndex(
            model_name="interview",
            index=models.Index("held_at", name="interview_by_date", condition=models.Q(held_at__isnull=False)),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index("offered_at", name="offer_by_date", condition=models.Q(offered_at__isnull=False)),
        ),
    ]

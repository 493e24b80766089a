"""The index by which a tray finds the next deadline of each of its referrals."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("routing", "0002_desk")]

    operations = [
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(
                models.F("referral"), models.F("due_at"), name="deadline_next", condition=models.Q(("settled", ""))
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("episodes", "0002_desk"),
    ]

    operations = [
        migrations.AddField(
            model_name="access",
            name="ended_because",
            field=models.CharField(blank=True, help_text="Why a person ended it before its time.", max_length=1000),
        ),
        migrations.AlterField(
            model_name="access",
            name="involvement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accesses",
                to="episodes.involvement",
            ),
        ),
        migrations.AddConstraint(
            model_name="access",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("involvement",),
                name="one_open_access_of_an_involvement",
            ),
        ),
        migrations.AddConstraint(
            model_name="access",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_because", ""), ("until__isnull", False), _connector="OR"),
                name="access_ended_for_a_reason_has_an_end",
            ),
        ),
    ]

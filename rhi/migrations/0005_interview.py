"""The form saves while somebody types, and whoever reads it can send it back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('episodes', '0003_access_is_a_history'),
        ('rhi', '0004_clockwork'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("answer", "page", models.CharField(blank=True, max_length=32)),
        migrations.AddField("answer", "turn", models.PositiveIntegerField(default=0)),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('opened', 'Record opened with a reason'), ('recorded', 'Perhaps the same child recorded again'), ('episode', 'A child of yours was missing'), ('due', 'Runs out soon'), ('breach', 'Has run out'), ('not_assigned', 'Not assigned'), ('no_attempt', 'No attempt yet'), ('write_up', 'To be written up'), ('discussion', 'Discussion unanswered'), ('appointment', 'Booked time passed'), ('no_addressee', 'A letter is due that nobody may get'), ('letter_failed', 'A letter has not gone out'), ('taken_back', 'Something that you logged was taken back'), ('sent_back', 'An interview that you wrote up was sent back'), ('restricted', 'A child of yours was restricted to others')], default='opened', max_length=30),
        ),
        migrations.CreateModel(
            name='SentBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('written_up_at', models.DateTimeField()),
                ('document', models.JSONField()),
                ('at', models.DateTimeField()),
                ('because', models.CharField(max_length=1000)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='episodes.child')),
                ('interview', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sent_back', to='rhi.interview')),
                ('written_up_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'sent back',
                'constraints': [models.CheckConstraint(condition=models.Q(('by', models.F('written_up_by')), _negated=True), name='sent_back_by_somebody_else')],
            },
        ),
    ]

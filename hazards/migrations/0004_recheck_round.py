from django.db import migrations, models

# What begins a new round (hazards.models.major, hazards.models.hazard).
BEGINS = ('propose_major', 'sign_major', 'downgrade', 'regrade')


def backfill(apps, schema_editor):
    """The round a re-check was recorded in: the hazard's now, less those begun since."""
    Event = apps.get_model('core', 'Event')
    Recheck = apps.get_model('hazards', 'Recheck')
    begun = Event.objects.filter(subject_model='hazards.hazard', move__in=BEGINS)
    for row in Recheck.objects.select_related('hazard').iterator():
        since = begun.filter(subject_pk=row.hazard_id, at__gt=row.at).count()
        Recheck.objects.filter(pk=row.pk).update(round=max(row.hazard.round - since, 0))


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_initial'),
        ('hazards', '0003_major'),
    ]

    operations = [
        migrations.AddField(
            model_name='recheck',
            name='round',
            field=models.PositiveIntegerField(default=0, verbose_name='认定轮次'),
        ),
        migrations.RunPython(backfill, migrations.RunPython.noop),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inspections', '0002_visits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='orderextension',
            name='answer',
            field=models.CharField(blank=True, choices=[('granted', '同意'), ('refused', '不同意'), ('void', '不再答复(已转入复查或指令已撤销)')], max_length=8, verbose_name='答复'),
        ),
    ]

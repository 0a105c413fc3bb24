from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inspections', '0002_visits'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderextension',
            name='is_written',
            field=models.BooleanField(default=False, verbose_name='企业书面申请,执法人员登记'),
        ),
        migrations.AlterField(
            model_name='orderextension',
            name='answer',
            field=models.CharField(blank=True, choices=[('granted', '同意'), ('refused', '不同意'), ('void', '不再答复(已转入复查或指令已撤销)')], max_length=8, verbose_name='答复'),
        ),
    ]

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('enterprises', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='MadeDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='生成时间')),
            ],
            options={
                'verbose_name': '已排任务日',
                'verbose_name_plural': '已排任务日',
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('effective_from', models.DateField(verbose_name='生效日期')),
                ('effective_to', models.DateField(blank=True, null=True, verbose_name='失效日期')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('verify', models.BooleanField(default=False, verbose_name='需核对')),
                ('code', models.CharField(max_length=40, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('frequency', models.CharField(choices=[('day', '日'), ('week', '周'), ('month', '月'), ('quarter', '季'), ('half', '半年'), ('year', '年')], max_length=8, verbose_name='频次')),
                ('level', models.CharField(choices=[('plant', '厂'), ('department', '部门(车间)'), ('team', '班组')], max_length=12, verbose_name='层级')),
                ('who', models.CharField(max_length=60, verbose_name='责任人')),
                ('evidence', models.CharField(max_length=200, verbose_name='留存材料')),
                ('basis', models.CharField(help_text='手册里的编号,如 R20。', max_length=40, verbose_name='要求')),
                ('trait', models.CharField(blank=True, help_text='只有具有这种危险特性的企业才有;空为都有。', max_length=40, verbose_name='危险特性')),
                ('checklist_code', models.CharField(blank=True, help_text='空为该层级、该行业的检查表。', max_length=40, verbose_name='检查表')),
                ('is_ladder', models.BooleanField(default=False, verbose_name='属于日周月阶梯')),
                ('sample_count', models.PositiveSmallIntegerField(default=0, verbose_name='每次抽查下级')),
            ],
            options={
                'verbose_name': '周期任务',
                'verbose_name_plural': '周期任务',
                'ordering': ['code', '-effective_from'],
                'constraints': [models.UniqueConstraint(fields=('code', 'edition'), name='duty_edition')],
            },
        ),
        migrations.CreateModel(
            name='DutyPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('checklist_code', models.CharField(blank=True, max_length=40, verbose_name='检查表')),
                ('days', models.CharField(choices=[('workdays', '工作日'), ('everyday', '每天')], default='workdays', max_length=8, verbose_name='生产日')),
                ('shift', models.CharField(blank=True, default='', max_length=5, validators=[django.core.validators.RegexValidator('^$|^([01][0-9]|2[0-3]):[0-5][0-9]$', '请写成 22:00 这样的时间,或不填。')], verbose_name='班次开始')),
                ('shift_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(24)], verbose_name='班次小时数')),
                ('starts_on', models.DateField(verbose_name='自')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='至')),
                ('duty', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='duties.duty', verbose_name='周期任务')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duty_plans', to='enterprises.enterprise', verbose_name='企业')),
                ('responsible', models.ForeignKey(blank=True, help_text='空为该部门班组当时的负责人。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duty_plans', to=settings.AUTH_USER_MODEL, verbose_name='责任人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duty_plans', to='enterprises.unit', verbose_name='部门班组')),
            ],
            options={
                'verbose_name': '任务计划',
                'verbose_name_plural': '任务计划',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ends_on', None)), fields=('unit', 'duty', 'shift'), name='duty_plan_one_open'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='duty_plan_dates'), models.CheckConstraint(condition=models.Q(('shift__regex', '^$|^([01][0-9]|2[0-3]):[0-5][0-9]$')), name='duty_plan_shift'), models.CheckConstraint(condition=models.Q(models.Q(('shift', ''), ('shift_hours', 24)), models.Q(models.Q(('shift', ''), _negated=True), ('shift_hours__range', (1, 24))), _connector='OR'), name='duty_plan_shift_hours')],
            },
        ),
        migrations.CreateModel(
            name='Occurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='版本')),
                ('state', models.CharField(choices=[('due', '应做'), ('done', '已完成'), ('exempt', '已免除'), ('missed', '漏做'), ('late', '漏做后补做')], default='due', max_length=8, verbose_name='状态')),
                ('duty_code', models.CharField(max_length=40, verbose_name='周期任务')),
                ('frequency', models.CharField(choices=[('day', '日'), ('week', '周'), ('month', '月'), ('quarter', '季'), ('half', '半年'), ('year', '年')], max_length=8, verbose_name='频次')),
                ('level', models.CharField(choices=[('plant', '厂'), ('department', '部门(车间)'), ('team', '班组')], max_length=12, verbose_name='层级')),
                ('shift', models.CharField(blank=True, max_length=5, verbose_name='班次')),
                ('period_start', models.DateField(verbose_name='周期开始')),
                ('period_end', models.DateField(verbose_name='周期结束')),
                ('opens_at', models.DateTimeField(verbose_name='开始时间')),
                ('closes_at', models.DateTimeField(verbose_name='截止时间')),
                ('made_late', models.BooleanField(default=False, verbose_name='系统中断后补记')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='完成时间')),
                ('missed_at', models.DateTimeField(blank=True, null=True, verbose_name='漏做时间')),
                ('late_done_at', models.DateTimeField(blank=True, null=True, verbose_name='补做时间')),
                ('record_model', models.CharField(blank=True, max_length=80, verbose_name='记录类型')),
                ('record_pk', models.BigIntegerField(blank=True, null=True, verbose_name='记录编号')),
                ('taken_up_at', models.DateTimeField(blank=True, null=True, verbose_name='上级处理时间')),
                ('done_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='完成人')),
                ('enterprise', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='occurrences', to='enterprises.enterprise', verbose_name='企业')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='occurrences', to='duties.dutyplan', verbose_name='任务计划')),
                ('responsible', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='occurrences', to=settings.AUTH_USER_MODEL, verbose_name='责任人')),
                ('unit', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='occurrences', to='enterprises.unit', verbose_name='部门班组')),
            ],
            options={
                'verbose_name': '任务期次',
                'verbose_name_plural': '任务期次',
                'indexes': [models.Index(fields=['enterprise', 'period_start'], name='occurrence_enterprise'), models.Index(fields=['plan', 'period_start'], name='occurrence_plan'), models.Index(fields=['period_start', 'frequency'], name='occurrence_period'), models.Index(condition=models.Q(('state', 'due')), fields=['closes_at'], name='occurrence_closing'), models.Index(condition=models.Q(('state', 'missed'), ('taken_up_at', None)), fields=['enterprise'], name='occurrence_climbing'), models.Index(condition=models.Q(('responsible__isnull', False)), fields=['responsible', 'period_start'], name='occurrence_person')],
                'constraints': [models.UniqueConstraint(fields=('unit', 'duty_code', 'shift', 'period_start'), name='occurrence_once'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at')), ('period_end__gte', models.F('period_start'))), name='occurrence_window'), models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('late_done_at', None), ('missed_at', None), ('state__in', ('due', 'exempt'))), models.Q(('done_at__isnull', False), ('late_done_at', None), ('missed_at', None), ('state', 'done')), models.Q(('done_at', None), ('late_done_at', None), ('missed_at__isnull', False), ('state', 'missed')), models.Q(('done_at', None), ('late_done_at__isnull', False), ('missed_at__isnull', False), ('state', 'late')), _connector='OR'), name='occurrence_state_by_time'), models.CheckConstraint(condition=models.Q(('taken_up_at', None), ('state__in', ('missed', 'late')), _connector='OR'), name='occurrence_taken_up')],
            },
        ),
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(blank=True, choices=[('true', '属实'), ('false', '不符')], max_length=5, verbose_name='结论')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('at', models.DateTimeField(blank=True, null=True, verbose_name='抽查时间')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='抽查人')),
                ('lower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples_above', to='duties.occurrence', verbose_name='被抽查期次')),
                ('upper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='duties.occurrence', verbose_name='上级期次')),
            ],
            options={
                'verbose_name': '下级抽查',
                'verbose_name_plural': '下级抽查',
                'constraints': [models.UniqueConstraint(fields=('upper', 'lower'), name='sample_once'), models.CheckConstraint(condition=models.Q(models.Q(('at', None), ('by', None), ('verdict', '')), models.Q(models.Q(('verdict', ''), _negated=True), ('at__isnull', False), ('by__isnull', False)), _connector='OR'), name='sample_answered_together'), models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'false'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='sample_false_says_why')],
            },
        ),
    ]

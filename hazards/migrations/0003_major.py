import core.moment
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('documents', '0001_initial'),
        ('enterprises', '0002_engineer'),
        ('hazards', '0002_check_occurrence'),
    ]

    operations = [
        migrations.CreateModel(
            name='Consequence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('heavier', '从重处罚'), ('joint', '联合惩戒'), ('suspend', '暂停或撤销标准化评审')], max_length=10, verbose_name='种类')),
                ('on', models.DateField(verbose_name='日期')),
                ('taken_up_at', models.DateTimeField(blank=True, null=True, verbose_name='处理时间')),
            ],
            options={
                'verbose_name': '复查不通过的后果',
                'verbose_name_plural': '复查不通过的后果',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='FiveFixPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(db_index=True, max_length=32, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='版本')),
                ('number', models.PositiveSmallIntegerField(default=1, verbose_name='第几版')),
                ('amend_reason', models.CharField(blank=True, max_length=500, verbose_name='变更理由')),
                ('person_post', models.CharField(blank=True, max_length=40, verbose_name='职务')),
                ('goal', models.TextField(blank=True, verbose_name='治理目标和任务')),
                ('measures', models.TextField(blank=True, help_text='一行一条。', verbose_name='整改措施')),
                ('funds_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='资金(元)')),
                ('funds_source', models.CharField(blank=True, max_length=100, verbose_name='资金来源')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='完成期限')),
                ('emergency_plan', models.TextField(blank=True, verbose_name='应急预案')),
                ('engineer_opinion', models.CharField(blank=True, max_length=500, verbose_name='总工程师意见')),
                ('engineer_on', models.DateField(blank=True, null=True, verbose_name='总工程师签署日期')),
                ('submitted_on', models.DateField(blank=True, null=True, verbose_name='提交日期')),
                ('received_on', models.DateField(blank=True, null=True, verbose_name='镇接收日期')),
                ('started_on', models.DateField(blank=True, null=True, verbose_name='开始实施日期')),
                ('progress_by_on', models.DateField(blank=True, null=True, verbose_name='下次报进展期限')),
                ('completed_on', models.DateField(blank=True, null=True, verbose_name='完成日期')),
            ],
            options={
                'verbose_name': '五定整改方案',
                'verbose_name_plural': '五定整改方案',
                'ordering': ['hazard', 'number'],
            },
        ),
        migrations.CreateModel(
            name='HazardCriterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='代码')),
                ('words', models.CharField(max_length=200, verbose_name='情形')),
                ('item', models.CharField(max_length=40, verbose_name='条款')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('verify', models.BooleanField(default=False, verbose_name='需核对')),
                ('is_added', models.BooleanField(default=False, verbose_name='确认后加注')),
                ('at', models.DateTimeField(default=core.moment.now, verbose_name='选定时间')),
                ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='不再适用时间')),
            ],
            options={
                'verbose_name': '隐患的判定条目',
                'verbose_name_plural': '隐患的判定条目',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='InterimMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('stop', '停产停用'), ('evacuate', '撤离人员'), ('remove', '立即排除'), ('warn', '警示隔离'), ('watch', '专人看守')], max_length=10, verbose_name='种类')),
                ('text', models.CharField(max_length=500, verbose_name='内容')),
                ('since', models.DateField(verbose_name='自')),
                ('at', models.DateTimeField(default=core.moment.now, verbose_name='登记时间')),
                ('examine_by_on', models.DateField(blank=True, null=True, verbose_name='恢复审查期限')),
                ('lifted_on', models.DateField(blank=True, null=True, verbose_name='解除日期')),
                ('lift_reason', models.CharField(blank=True, max_length=500, verbose_name='解除理由')),
            ],
            options={
                'verbose_name': '临时措施',
                'verbose_name_plural': '临时措施',
                'ordering': ['since', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='interim_measure_text')],
            },
        ),
        migrations.CreateModel(
            name='MajorCriterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('effective_from', models.DateField(verbose_name='生效日期')),
                ('effective_to', models.DateField(blank=True, null=True, verbose_name='失效日期')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('verify', models.BooleanField(default=False, verbose_name='需核对')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='代码')),
                ('name', models.CharField(max_length=200, verbose_name='情形')),
                ('category', models.CharField(max_length=20, verbose_name='类别')),
                ('sectors', models.JSONField(default=list, verbose_name='适用行业')),
                ('traits', models.JSONField(default=list, verbose_name='适用危险特性')),
                ('item', models.CharField(max_length=40, verbose_name='条款')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='顺序')),
            ],
            options={
                'verbose_name': '重大隐患判定条目',
                'verbose_name_plural': '重大隐患判定条目',
                'ordering': ['effective_from', 'position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='MajorReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.CharField(choices=[('town', '报镇'), ('congress', '报职工代表大会'), ('district', '镇报区县')], max_length=10, verbose_name='报告对象')),
                ('round', models.PositiveIntegerField(verbose_name='认定轮次')),
                ('due_at', models.DateTimeField(verbose_name='报告期限')),
                ('made_at', models.DateTimeField(blank=True, null=True, verbose_name='报告时间')),
                ('how', models.CharField(blank=True, choices=[('paper', '书面报告'), ('phone', '电话报告'), ('meeting', '会议通报'), ('system', '系统内报告')], max_length=10, verbose_name='报告方式')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='说明')),
                ('void', models.BooleanField(default=False, verbose_name='已降级,不再需要')),
            ],
            options={
                'verbose_name': '重大隐患上报',
                'verbose_name_plural': '重大隐患上报',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PlanProgress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=core.moment.now, verbose_name='填报时间')),
                ('on', models.DateField(verbose_name='日期')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='应报日期')),
                ('percent', models.PositiveSmallIntegerField(default=0, verbose_name='完成(%)')),
                ('text', models.CharField(max_length=500, verbose_name='进展')),
            ],
            options={
                'verbose_name': '整改进展',
                'verbose_name_plural': '整改进展',
                'ordering': ['on', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='plan_progress_percent')],
            },
        ),
        migrations.CreateModel(
            name='Recheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('items', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, help_text='[{words, passed, remark}]', verbose_name='逐项结果')),
                ('passed', models.BooleanField(verbose_name='全部通过')),
                ('opinion', models.CharField(max_length=500, verbose_name='复查意见')),
                ('on', models.DateField(verbose_name='复查日期')),
                ('at', models.DateTimeField(default=core.moment.now, verbose_name='填写时间')),
                ('second_at', models.DateTimeField(blank=True, null=True, verbose_name='会签时间')),
                ('replaced_at', models.DateTimeField(blank=True, null=True, verbose_name='重新填写时间')),
            ],
            options={
                'verbose_name': '复查',
                'verbose_name_plural': '复查',
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='hazard',
            name='hazard_assigned_pair',
        ),
        migrations.AddField(
            model_name='hazard',
            name='downgraded_on',
            field=models.DateField(blank=True, null=True, verbose_name='降级日期'),
        ),
        migrations.AddField(
            model_name='hazard',
            name='evaluation',
            field=models.CharField(blank=True, max_length=300, verbose_name='评估单位或专家意见'),
        ),
        migrations.AddField(
            model_name='hazard',
            name='major_on',
            field=models.DateField(blank=True, null=True, verbose_name='确认重大日期'),
        ),
        migrations.AddField(
            model_name='hazard',
            name='other_standard',
            field=models.CharField(blank=True, max_length=300, verbose_name='其他判定标准'),
        ),
        migrations.AddField(
            model_name='hazard',
            name='plan_by_on',
            field=models.DateField(blank=True, null=True, verbose_name='方案提交期限'),
        ),
        migrations.AddField(
            model_name='hazard',
            name='recheck_by_on',
            field=models.DateField(blank=True, null=True, verbose_name='复查期限'),
        ),
        migrations.AddField(
            model_name='hazard',
            name='round',
            field=models.PositiveIntegerField(default=0, verbose_name='认定轮次'),
        ),
        migrations.AddConstraint(
            model_name='hazard',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('reported', 'rejected', 'major_confirmed', 'plan_pending', 'plan_approved')), models.Q(('due_on__isnull', False), ('rectifier__isnull', False)), _connector='OR'), name='hazard_assigned_pair'),
        ),
        migrations.AddConstraint(
            model_name='hazard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('major_confirmed', 'plan_pending', 'plan_approved', 'pending_recheck')), _negated=True), ('major_on__isnull', False), _connector='OR'), name='hazard_major_on'),
        ),
        migrations.AddConstraint(
            model_name='hazard',
            constraint=models.CheckConstraint(condition=models.Q(('major_on', None), ('level', 'major'), _connector='OR'), name='hazard_major_level'),
        ),
        migrations.AddField(
            model_name='consequence',
            name='hazard',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consequences', to='hazards.hazard', verbose_name='隐患'),
        ),
        migrations.AddField(
            model_name='fivefixplan',
            name='engineer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.keyperson', verbose_name='总工程师'),
        ),
        migrations.AddField(
            model_name='fivefixplan',
            name='hazard',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='hazards.hazard', verbose_name='隐患'),
        ),
        migrations.AddField(
            model_name='fivefixplan',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='责任人'),
        ),
        migrations.AddField(
            model_name='fivefixplan',
            name='received_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='接收人'),
        ),
        migrations.AddField(
            model_name='fivefixplan',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successor', to='hazards.fivefixplan', verbose_name='变更自'),
        ),
        migrations.AddField(
            model_name='hazardcriterion',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='选定人'),
        ),
        migrations.AddField(
            model_name='hazardcriterion',
            name='hazard',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='hazards.hazard', verbose_name='隐患'),
        ),
        migrations.AddField(
            model_name='interimmeasure',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人'),
        ),
        migrations.AddField(
            model_name='interimmeasure',
            name='hazard',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interim_measures', to='hazards.hazard', verbose_name='隐患'),
        ),
        migrations.AddField(
            model_name='interimmeasure',
            name='lifted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='解除人'),
        ),
        migrations.AddField(
            model_name='hazardcriterion',
            name='criterion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hazards.majorcriterion', verbose_name='判定条目'),
        ),
        migrations.AddField(
            model_name='majorreport',
            name='document',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document', verbose_name='文书'),
        ),
        migrations.AddField(
            model_name='majorreport',
            name='hazard',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='hazards.hazard', verbose_name='隐患'),
        ),
        migrations.AddField(
            model_name='majorreport',
            name='made_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报告人'),
        ),
        migrations.AddField(
            model_name='planprogress',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填报人'),
        ),
        migrations.AddField(
            model_name='planprogress',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='progress', to='hazards.fivefixplan', verbose_name='方案'),
        ),
        migrations.AddField(
            model_name='recheck',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复查人'),
        ),
        migrations.AddField(
            model_name='recheck',
            name='hazard',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rechecks', to='hazards.hazard', verbose_name='隐患'),
        ),
        migrations.AddField(
            model_name='recheck',
            name='second_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='会签复查人'),
        ),
        migrations.AddField(
            model_name='consequence',
            name='recheck',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consequences', to='hazards.recheck', verbose_name='复查'),
        ),
        migrations.AddConstraint(
            model_name='fivefixplan',
            constraint=models.UniqueConstraint(fields=('hazard', 'number'), name='plan_number_once'),
        ),
        migrations.AddConstraint(
            model_name='fivefixplan',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'submitted', 'returned'))), fields=('hazard',), name='plan_one_open'),
        ),
        migrations.AddConstraint(
            model_name='fivefixplan',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'returned', 'ended')), models.Q(('due_on__isnull', False), ('funds_amount__gt', 0), ('funds_amount__isnull', False), ('person__isnull', False), models.Q(('funds_source', ''), _negated=True), models.Q(('measures', ''), _negated=True), models.Q(('emergency_plan', ''), _negated=True)), _connector='OR'), name='plan_five_fixed'),
        ),
        migrations.AddConstraint(
            model_name='fivefixplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('received_by', None), ('received_on', None)), models.Q(('received_by__isnull', False), ('received_on__isnull', False)), _connector='OR'), name='plan_received_pair'),
        ),
        migrations.AddConstraint(
            model_name='interimmeasure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_by', None), ('lifted_on', None)), models.Q(('lifted_by__isnull', False), ('lifted_on__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='interim_measure_lifted_whole'),
        ),
        migrations.AddConstraint(
            model_name='hazardcriterion',
            constraint=models.UniqueConstraint(condition=models.Q(('dropped_at', None)), fields=('hazard', 'criterion'), name='hazard_criterion_once'),
        ),
        migrations.AddConstraint(
            model_name='majorreport',
            constraint=models.UniqueConstraint(fields=('hazard', 'to', 'round'), name='major_report_once'),
        ),
        migrations.AddConstraint(
            model_name='majorreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('how', ''), ('made_at', None), ('made_by', None)), models.Q(('made_at__isnull', False), ('made_by__isnull', False), models.Q(('how', ''), _negated=True)), _connector='OR'), name='major_report_made_whole'),
        ),
        migrations.AddConstraint(
            model_name='recheck',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None), ('second_by', None)), fields=('hazard',), name='recheck_one_open'),
        ),
        migrations.AddConstraint(
            model_name='recheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('second_at', None), ('second_by', None)), models.Q(('second_at__isnull', False), ('second_by__isnull', False)), _connector='OR'), name='recheck_second_pair'),
        ),
        migrations.AddConstraint(
            model_name='recheck',
            constraint=models.CheckConstraint(condition=models.Q(('second_by', None), models.Q(('second_by', models.F('by')), _negated=True), _connector='OR'), name='recheck_two_people'),
        ),
        migrations.AddConstraint(
            model_name='consequence',
            constraint=models.UniqueConstraint(fields=('recheck', 'kind'), name='consequence_once'),
        ),
    ]

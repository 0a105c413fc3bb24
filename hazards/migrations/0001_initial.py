import core.moment
import django.db.models.deletion
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
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(db_index=True, max_length=32, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='版本')),
                ('checklist_code', models.CharField(max_length=40, verbose_name='检查表')),
                ('frequency', models.CharField(choices=[('day', '日'), ('week', '周'), ('month', '月'), ('campaign', '专项')], max_length=10, verbose_name='频次')),
                ('window_start', models.DateField(verbose_name='周期开始')),
                ('window_end', models.DateField(verbose_name='周期结束')),
                ('opened_at', models.DateTimeField(default=core.moment.now, verbose_name='开始时间')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='提交时间')),
                ('receipt', models.CharField(blank=True, max_length=24, null=True, unique=True, verbose_name='回执号')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='enterprises.enterprise', verbose_name='企业')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='held_checks', to=settings.AUTH_USER_MODEL, verbose_name='填写人')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='submitted_checks', to=settings.AUTH_USER_MODEL, verbose_name='提交人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='enterprises.unit', verbose_name='部门班组')),
            ],
            options={
                'verbose_name': '检查',
                'verbose_name_plural': '检查',
                'indexes': [models.Index(fields=['enterprise', 'window_start'], name='check_enterprise_window'), models.Index(fields=['window_start', 'frequency', 'state'], name='check_window_start')],
                'constraints': [models.UniqueConstraint(fields=('unit', 'checklist_code', 'window_start'), name='check_once_per_window'), models.CheckConstraint(condition=models.Q(('window_end__gte', models.F('window_start'))), name='check_window'), models.CheckConstraint(condition=models.Q(models.Q(('receipt', None), ('state', 'open'), ('submitted_at', None), ('submitted_by', None)), models.Q(('receipt__isnull', False), ('state', 'submitted'), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='check_submitted_together')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='第几项')),
                ('result', models.CharField(choices=[('pass', '合格'), ('fail', '不合格'), ('na', '不适用')], max_length=4, verbose_name='结果')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='情况描述')),
                ('level', models.CharField(blank=True, choices=[('minor', '轻微'), ('light', '较轻'), ('normal', '一般'), ('serious', '较重'), ('major', '疑似重大')], max_length=10, verbose_name='级别')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='建议期限')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='版本')),
                ('at', models.DateTimeField(default=core.moment.now, verbose_name='填写时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填写人')),
                ('check_row', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='hazards.check', verbose_name='检查')),
            ],
            options={
                'verbose_name': '检查结果',
                'verbose_name_plural': '检查结果',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('check_row', 'position'), name='answer_once')],
            },
        ),
        migrations.CreateModel(
            name='Checklist',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('effective_from', models.DateField(verbose_name='生效日期')),
                ('effective_to', models.DateField(blank=True, null=True, verbose_name='失效日期')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('verify', models.BooleanField(default=False, verbose_name='需核对')),
                ('code', models.CharField(max_length=40, verbose_name='代码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('frequency', models.CharField(choices=[('day', '日'), ('week', '周'), ('month', '月'), ('campaign', '专项')], max_length=10, verbose_name='频次')),
                ('level', models.CharField(blank=True, choices=[('plant', '厂'), ('department', '部门(车间)'), ('team', '班组')], max_length=12, verbose_name='层级')),
                ('applies_to', models.JSONField(default=dict, verbose_name='适用')),
            ],
            options={
                'verbose_name': '检查表',
                'verbose_name_plural': '检查表',
                'constraints': [models.UniqueConstraint(fields=('code', 'edition'), name='checklist_edition')],
            },
        ),
        migrations.CreateModel(
            name='ChecklistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('effective_from', models.DateField(verbose_name='生效日期')),
                ('effective_to', models.DateField(blank=True, null=True, verbose_name='失效日期')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('verify', models.BooleanField(default=False, verbose_name='需核对')),
                ('code', models.CharField(max_length=20, verbose_name='代码')),
                ('position', models.PositiveSmallIntegerField(verbose_name='顺序')),
                ('section', models.CharField(max_length=40, verbose_name='类别')),
                ('name', models.CharField(max_length=100, verbose_name='检查项')),
                ('how_to_check', models.CharField(max_length=300, verbose_name='怎么查')),
                ('hazard_if', models.CharField(max_length=300, verbose_name='不合格情形')),
                ('basis', models.CharField(max_length=300, verbose_name='依据条款')),
                ('level_hint', models.CharField(choices=[('general', '一般'), ('major', '可能重大')], max_length=10, verbose_name='级别提示')),
                ('major_ref', models.JSONField(default=list, verbose_name='重大隐患判定条目')),
                ('checklist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='hazards.checklist', verbose_name='检查表')),
            ],
            options={
                'verbose_name': '检查项',
                'verbose_name_plural': '检查项',
                'constraints': [models.UniqueConstraint(fields=('checklist', 'code'), name='checklist_item_code')],
            },
        ),
        migrations.CreateModel(
            name='ChecklistVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True, verbose_name='摘要')),
                ('items', models.JSONField(verbose_name='条目')),
                ('item_count', models.PositiveSmallIntegerField(verbose_name='条目数')),
                ('frozen_at', models.DateTimeField(auto_now_add=True, verbose_name='冻结时间')),
                ('checklist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='hazards.checklist', verbose_name='检查表')),
                ('enterprise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enterprises.enterprise', verbose_name='企业')),
            ],
            options={
                'verbose_name': '检查表版本',
                'verbose_name_plural': '检查表版本',
            },
        ),
        migrations.AddField(
            model_name='check',
            name='version_used',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='hazards.checklistversion', verbose_name='检查表版本'),
        ),
        migrations.CreateModel(
            name='Hazard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(db_index=True, max_length=32, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='版本')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='编号')),
                ('source', models.CharField(choices=[('team', '班组日检查'), ('department', '部门周检查'), ('plant', '厂长月检查'), ('snap', '随手拍'), ('inspection', '镇村发现')], max_length=12, verbose_name='来源')),
                ('level', models.CharField(choices=[('minor', '轻微'), ('light', '较轻'), ('normal', '一般'), ('serious', '较重'), ('major', '疑似重大')], default='normal', max_length=10, verbose_name='级别')),
                ('place', models.CharField(max_length=100, verbose_name='位置')),
                ('description', models.CharField(max_length=500, verbose_name='情况描述')),
                ('basis', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('found_on', models.DateField(verbose_name='发现日期')),
                ('decide_by_on', models.DateField(verbose_name='受理期限')),
                ('proposed_due_on', models.DateField(blank=True, null=True, verbose_name='建议期限')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='整改期限')),
                ('measures', models.CharField(blank=True, max_length=500, verbose_name='整改措施')),
                ('fixed_on', models.DateField(blank=True, null=True, verbose_name='整改日期')),
                ('accept_by_on', models.DateField(blank=True, null=True, verbose_name='验收期限')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='销案日期')),
                ('answer', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hazard', to='hazards.answer', verbose_name='检查项')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='验收人')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hazards', to='enterprises.enterprise', verbose_name='企业')),
                ('found_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='found_hazards', to=settings.AUTH_USER_MODEL, verbose_name='发现人')),
                ('rectifier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_hazards', to=settings.AUTH_USER_MODEL, verbose_name='整改人')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hazards', to='enterprises.unit', verbose_name='部门班组')),
            ],
            options={
                'verbose_name': '隐患',
                'verbose_name_plural': '隐患',
                'indexes': [models.Index(fields=['enterprise', 'state', 'due_on'], name='hazard_enterprise_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_by', None), ('closed_on', None)), models.Q(('closed_by__isnull', False), ('closed_on__isnull', False)), _connector='OR'), name='hazard_closed_pair'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_on__isnull', False), _connector='OR'), name='hazard_closed_on'), models.CheckConstraint(condition=models.Q(('state__in', ('reported', 'rejected')), models.Q(('due_on__isnull', False), ('rectifier__isnull', False)), _connector='OR'), name='hazard_assigned_pair'), models.CheckConstraint(condition=models.Q(('closed_by', None), models.Q(('closed_by', models.F('rectifier')), _negated=True), _connector='OR'), name='hazard_acceptor_not_rectifier')],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=core.moment.now, verbose_name='申请时间')),
                ('until', models.DateField(verbose_name='延至')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('answer', models.CharField(blank=True, choices=[('granted', '同意'), ('refused', '不同意'), ('void', '已提交整改,作废')], max_length=8, verbose_name='答复')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('hazard', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='extensions', to='hazards.hazard', verbose_name='隐患')),
            ],
            options={
                'verbose_name': '延期申请',
                'verbose_name_plural': '延期申请',
                'constraints': [models.UniqueConstraint(condition=models.Q(('answer', '')), fields=('hazard',), name='extension_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('decided_by', None)), models.Q(models.Q(('answer', ''), _negated=True), ('decided_by__isnull', False)), _connector='OR'), name='extension_decided_pair')],
            },
        ),
        migrations.CreateModel(
            name='OwnItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('checklist_code', models.CharField(max_length=40, verbose_name='检查表')),
                ('name', models.CharField(max_length=100, verbose_name='检查项')),
                ('how_to_check', models.CharField(blank=True, max_length=300, verbose_name='怎么查')),
                ('hazard_if', models.CharField(max_length=300, verbose_name='不合格情形')),
                ('added_on', models.DateField(verbose_name='启用日期')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='停用日期')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='添加人')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='own_items', to='enterprises.enterprise', verbose_name='企业')),
            ],
            options={
                'verbose_name': '企业自有检查项',
                'verbose_name_plural': '企业自有检查项',
                'constraints': [models.CheckConstraint(condition=models.Q(('retired_on', None), ('retired_on__gte', models.F('added_on')), _connector='OR'), name='own_item_dates'), models.UniqueConstraint(condition=models.Q(('retired_on', None)), fields=('enterprise', 'checklist_code', 'name'), name='own_item_once', violation_error_message='这张表里已有同名的检查项。')],
            },
        ),
    ]

import core.moment
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_certificates'),
        ('accounts', '__first__'),
        ('enterprises', '0002_engineer'),
    ]

    operations = [
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(db_index=True, max_length=32, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='版本')),
                ('design_applied_on', models.DateField(blank=True, null=True, verbose_name='申请设计审查日期')),
                ('design_accept_by_on', models.DateField(blank=True, null=True, verbose_name='受理期限')),
                ('design_accepted_on', models.DateField(blank=True, null=True, verbose_name='受理日期')),
                ('design_decide_by_on', models.DateField(blank=True, null=True, verbose_name='决定期限')),
                ('design_extended_on', models.DateField(blank=True, null=True, verbose_name='延长决定期限日期')),
                ('trial_started_on', models.DateField(blank=True, null=True, verbose_name='试运行开始日期')),
                ('trial_ended_on', models.DateField(blank=True, null=True, verbose_name='试运行结束日期')),
                ('accepted_on', models.DateField(blank=True, null=True, verbose_name='竣工验收通过日期')),
                ('in_use_on', models.DateField(blank=True, null=True, verbose_name='投入使用日期')),
                ('name', models.CharField(max_length=120, verbose_name='项目名称')),
                ('kind', models.CharField(choices=[('new', '新建'), ('rebuilt', '改建'), ('expanded', '扩建')], max_length=10, verbose_name='性质')),
                ('is_special', models.BooleanField(default=False, help_text='这类项目的安全设施设计由主管部门审查。', verbose_name='金属冶炼或危险物品项目')),
                ('investment', models.CharField(blank=True, max_length=60, verbose_name='投资')),
                ('approval_number', models.CharField(blank=True, max_length=60, verbose_name='批准(备案)文号')),
                ('approved_on', models.DateField(blank=True, null=True, verbose_name='批准(备案)日期')),
                ('notify_by_on', models.DateField(blank=True, null=True, verbose_name='告知区应急局期限')),
                ('notified_on', models.DateField(blank=True, null=True, verbose_name='告知日期')),
                ('notified_how', models.CharField(blank=True, choices=[('letter', '书面函告'), ('system', '政务系统抄送'), ('phone', '电话告知'), ('meeting', '会议告知')], max_length=10, verbose_name='告知方式')),
                ('found_in_use_on', models.DateField(blank=True, null=True, verbose_name='发现未经验收投用日期')),
                ('stopped_from', models.CharField(blank=True, choices=[('registered', '已登记'), ('pre_evaluation', '安全预评价'), ('design_review', '安全设施设计审查'), ('construction', '施工'), ('trial_run', '试运行'), ('acceptance', '竣工验收'), ('in_use', '已投入使用'), ('stopped', '已停建'), ('cancelled', '已取消')], max_length=16, verbose_name='停建或取消前的阶段')),
                ('registered_on', models.DateField(verbose_name='登记日期')),
                ('approved_by_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='approved_projects', to='accounts.department', verbose_name='批准(备案)部门')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='enterprises.enterprise', verbose_name='企业')),
                ('notified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='告知登记人')),
                ('registered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
            ],
            options={
                'verbose_name': '建设项目',
                'verbose_name_plural': '建设项目',
                'indexes': [models.Index(condition=models.Q(('notified_on', None)), fields=['notify_by_on'], name='project_untold')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('approval_number', ''), ('approved_by_department', None), ('approved_on', None), ('notify_by_on', None)), models.Q(('approved_by_department__isnull', False), ('approved_on__isnull', False), models.Q(('approval_number', ''), _negated=True)), _connector='OR'), name='project_approval_whole'), models.CheckConstraint(condition=models.Q(models.Q(('notified_by', None), ('notified_how', ''), ('notified_on', None)), models.Q(('approved_on__isnull', False), ('notified_by__isnull', False), ('notified_on__isnull', False), models.Q(('notified_how', ''), _negated=True)), _connector='OR'), name='project_notified_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'in_use'), _negated=True), models.Q(('accepted_on__isnull', False), ('in_use_on__gte', models.F('accepted_on'))), _connector='OR'), name='project_used_after_acceptance'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('stopped', 'cancelled')), models.Q(('stopped_from', ''), _negated=True)), models.Q(models.Q(('state__in', ('stopped', 'cancelled')), _negated=True), ('stopped_from', '')), _connector='OR'), name='project_stopped_from'), models.CheckConstraint(condition=models.Q(('trial_ended_on', None), models.Q(('trial_ended_on__gte', models.F('trial_started_on')), ('trial_started_on__isnull', False)), _connector='OR'), name='project_trial_dates')],
            },
        ),
        migrations.CreateModel(
            name='ProjectRequirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('effective_from', models.DateField(verbose_name='生效日期')),
                ('effective_to', models.DateField(blank=True, null=True, verbose_name='失效日期')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('verify', models.BooleanField(default=False, verbose_name='需核对')),
                ('code', models.CharField(max_length=40, verbose_name='代码')),
                ('stage', models.CharField(choices=[('registered', '已登记'), ('pre_evaluation', '安全预评价'), ('design_review', '安全设施设计审查'), ('construction', '施工'), ('trial_run', '试运行'), ('acceptance', '竣工验收'), ('in_use', '已投入使用'), ('stopped', '已停建'), ('cancelled', '已取消')], max_length=16, verbose_name='阶段')),
                ('is_special', models.BooleanField(verbose_name='金属冶炼、危险物品项目')),
                ('name', models.CharField(max_length=60, verbose_name='材料')),
                ('article', models.CharField(max_length=100, verbose_name='条款')),
                ('needs_number', models.BooleanField(default=False, verbose_name='须有文号')),
                ('is_timed', models.BooleanField(default=False, verbose_name='有最短和最长期限')),
            ],
            options={
                'verbose_name': '三同时材料要求',
                'verbose_name_plural': '三同时材料要求',
                'ordering': ['effective_from', 'code'],
                'constraints': [models.UniqueConstraint(fields=('code', 'edition'), name='project_requirement_edition')],
            },
        ),
        migrations.CreateModel(
            name='ProjectPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('registered', '已登记'), ('pre_evaluation', '安全预评价'), ('design_review', '安全设施设计审查'), ('construction', '施工'), ('trial_run', '试运行'), ('acceptance', '竣工验收'), ('in_use', '已投入使用'), ('stopped', '已停建'), ('cancelled', '已取消')], max_length=16, verbose_name='阶段')),
                ('name', models.CharField(max_length=120, verbose_name='材料名称')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('organ', models.CharField(max_length=60, verbose_name='出具单位')),
                ('dated_on', models.DateField(verbose_name='材料日期')),
                ('passed', models.BooleanField(blank=True, choices=[(True, '通过'), (False, '不通过')], null=True, verbose_name='结论')),
                ('required', models.CharField(max_length=60, verbose_name='要求的材料')),
                ('article', models.CharField(max_length=100, verbose_name='条款')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('at', models.DateTimeField(default=core.moment.now, verbose_name='登记时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='enterprises.project', verbose_name='项目')),
                ('requirement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.projectrequirement', verbose_name='材料要求')),
            ],
            options={
                'verbose_name': '三同时材料',
                'verbose_name_plural': '三同时材料',
                'ordering': ['pk'],
            },
        ),
    ]

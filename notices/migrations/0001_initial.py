import core.fields
import core.moment
import datetime
import django.db.models.deletion
import django.utils.timezone
import notices.models.rules
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('wecom', '企业微信'), ('dingtalk', '钉钉'), ('feishu', '飞书'), ('mail', '邮件')], max_length=8, verbose_name='方式')),
                ('address', core.fields.EncryptedField(blank=True, verbose_name='地址')),
                ('secret', core.fields.EncryptedField(blank=True, verbose_name='加签密钥')),
                ('on_since', models.DateTimeField(blank=True, null=True, verbose_name='启用时间')),
                ('tested_at', models.DateTimeField(blank=True, null=True, verbose_name='测试时间')),
                ('is_test_good', models.BooleanField(blank=True, null=True, verbose_name='测试成功')),
                ('test_result', models.CharField(blank=True, max_length=200, verbose_name='测试结果')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='channels', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '外发方式',
                'verbose_name_plural': '外发方式',
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='channel_once'), models.CheckConstraint(condition=models.Q(('on_since', None), models.Q(('address', ''), _negated=True), _connector='OR'), name='channel_on_needs_address'), models.CheckConstraint(condition=models.Q(('is_test_good', None), ('tested_at__isnull', False), _connector='OR'), name='channel_test_pair')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', '排队中'), ('running', '进行中'), ('done', '已完成'), ('parked', '出错搁置')], default='pending', max_length=8, verbose_name='状态')),
                ('token', models.UUIDField(null=True, verbose_name='领取凭据')),
                ('leased_until', models.DateTimeField(null=True, verbose_name='领取到期')),
                ('not_before', models.DateTimeField(null=True, verbose_name='不早于')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='尝试次数')),
                ('last_error', models.TextField(blank=True, verbose_name='最后错误')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提交时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('kind', models.CharField(choices=[('grouped', '每日汇总'), ('urgent', '紧急')], max_length=8, verbose_name='种类')),
                ('day', models.DateField(verbose_name='日期')),
                ('cutoff', models.DateTimeField(verbose_name='汇总截止')),
                ('message', models.CharField(blank=True, max_length=300, verbose_name='结果说明')),
                ('reported_at', models.DateTimeField(blank=True, null=True, verbose_name='失败告知时间')),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.channel', verbose_name='外发方式')),
            ],
            options={
                'verbose_name': '外发记录',
                'verbose_name_plural': '外发记录',
                'abstract': False,
                'indexes': [models.Index(fields=['state', 'leased_until'], name='delivery_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'running'), _negated=True), models.Q(('leased_until__isnull', False), ('token__isnull', False)), _connector='OR'), name='delivery_leased'), models.UniqueConstraint(condition=models.Q(('kind', 'grouped')), fields=('channel', 'day'), name='delivery_grouped_once')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('duty.morning', '今天要做的'), ('duty.before_end', '快到截止时间'), ('duty.missed', '漏做'), ('duty.streak', '连续漏做'), ('duty.escalated', '漏做上报'), ('hazard.due', '整改期限'), ('hazard.escalated', '逾期上报'), ('hazard.assigned', '指派整改'), ('hazard.returned', '整改退回'), ('hazard.accepted', '验收通过'), ('extension.asked', '申请延期'), ('extension.answered', '延期答复'), ('delivery.parked', '外发失败')], max_length=24, verbose_name='种类')),
                ('stage', models.CharField(max_length=40, verbose_name='阶段')),
                ('subject_model', models.CharField(max_length=80, verbose_name='对象类型')),
                ('subject_pk', models.BigIntegerField(verbose_name='对象编号')),
                ('enterprise_id', models.BigIntegerField(null=True, verbose_name='企业')),
                ('area_code', models.CharField(blank=True, max_length=12, verbose_name='区域')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('body', models.TextField(blank=True, verbose_name='内容')),
                ('url', models.CharField(blank=True, max_length=200, verbose_name='链接')),
                ('is_urgent', models.BooleanField(default=False, verbose_name='紧急')),
                ('at', models.DateTimeField(default=core.moment.now, verbose_name='时间')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='已读时间')),
                ('settled_at', models.DateTimeField(blank=True, help_text='没读就已办好,或有了更新的一条。', null=True, verbose_name='了结时间')),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL, verbose_name='收件人')),
            ],
            options={
                'verbose_name': '消息',
                'verbose_name_plural': '消息',
                'indexes': [models.Index(fields=['recipient', '-at'], name='notice_inbox'), models.Index(condition=models.Q(('read_at', None), ('settled_at', None)), fields=['recipient'], name='notice_unread'), models.Index(condition=models.Q(('is_urgent', True), ('read_at', None), ('settled_at', None)), fields=['at'], name='notice_urgent')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject_model', 'subject_pk', 'stage', 'recipient'), name='notice_once'), models.CheckConstraint(condition=models.Q(('url', ''), ('url__startswith', '/'), _connector='OR'), name='notice_url_local')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notices.channel', verbose_name='外发方式')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='notices.delivery', verbose_name='外发记录')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='notices.notice', verbose_name='消息')),
            ],
            options={
                'verbose_name': '汇总内容',
                'verbose_name_plural': '汇总内容',
                'constraints': [models.UniqueConstraint(fields=('channel', 'notice'), name='delivery_item_once')],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='notice',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.notice', verbose_name='消息'),
        ),
        migrations.CreateModel(
            name='NoticeRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.CharField(max_length=40, verbose_name='版本')),
                ('effective_from', models.DateField(verbose_name='生效日期')),
                ('effective_to', models.DateField(blank=True, null=True, verbose_name='失效日期')),
                ('source', models.CharField(blank=True, max_length=300, verbose_name='依据')),
                ('verify', models.BooleanField(default=False, verbose_name='需核对')),
                ('code', models.CharField(max_length=60, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('kind', models.CharField(choices=[('duty.morning', '今天要做的'), ('duty.before_end', '快到截止时间'), ('duty.missed', '漏做'), ('duty.streak', '连续漏做'), ('duty.escalated', '漏做上报'), ('hazard.due', '整改期限'), ('hazard.escalated', '逾期上报'), ('hazard.assigned', '指派整改'), ('hazard.returned', '整改退回'), ('hazard.accepted', '验收通过'), ('extension.asked', '申请延期'), ('extension.answered', '延期答复'), ('delivery.parked', '外发失败')], max_length=24, verbose_name='种类')),
                ('stage', models.CharField(max_length=20, verbose_name='阶段')),
                ('offset', models.SmallIntegerField(help_text='负数为提前。起算点:截止时间、整改期限、当天零点或事情发生时。', verbose_name='提前或推后')),
                ('unit', models.CharField(choices=[('d', '天'), ('h', '小时')], max_length=1, verbose_name='单位')),
                ('receivers', models.JSONField(default=list, validators=[notices.models.rules.check_receivers], verbose_name='收件人')),
                ('is_urgent', models.BooleanField(default=False, help_text='紧急的马上外发(静默时段过后),不等每天一次的汇总。', verbose_name='紧急')),
                ('fresh_for', models.PositiveSmallIntegerField(default=24, help_text='超过这么久还没有发的,不再补发。', verbose_name='过时(小时)')),
            ],
            options={
                'verbose_name': '消息规则',
                'verbose_name_plural': '消息规则',
                'ordering': ['kind', 'unit', 'offset'],
                'constraints': [models.UniqueConstraint(fields=('code', 'edition'), name='notice_rule_edition'), models.CheckConstraint(condition=models.Q(('fresh_for__gte', 1)), name='notice_rule_fresh'), models.CheckConstraint(condition=models.Q(('effective_to', None), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='notice_rule_dates')],
            },
        ),
        migrations.CreateModel(
            name='NotifySettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grouped_at', models.TimeField(default=datetime.time(7, 30), verbose_name='每天汇总时间')),
                ('quiet_from', models.TimeField(default=datetime.time(21, 30), verbose_name='静默自')),
                ('quiet_until', models.TimeField(default=datetime.time(7, 0), verbose_name='静默至')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='notify_settings', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '消息设置',
                'verbose_name_plural': '消息设置',
                'constraints': [models.CheckConstraint(condition=models.Q(('quiet_from', models.F('quiet_until')), models.Q(('quiet_from__lt', models.F('quiet_until')), models.Q(('grouped_at__lt', models.F('quiet_from')), ('grouped_at__gte', models.F('quiet_until')), _connector='OR')), models.Q(('grouped_at__gte', models.F('quiet_until')), ('grouped_at__lt', models.F('quiet_from')), ('quiet_from__gt', models.F('quiet_until'))), _connector='OR'), name='notify_grouped_not_quiet', violation_error_message='汇总时间不能在静默时段里。')],
            },
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('channel', 'notice'), name='delivery_urgent_once'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'grouped'), ('notice', None)), models.Q(('kind', 'urgent'), ('notice__isnull', False)), _connector='OR'), name='delivery_notice_by_kind'),
        ),
    ]

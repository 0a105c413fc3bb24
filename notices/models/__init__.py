"""Models of notices."""

from notices.models.channels import Channel, NotifySettings
from notices.models.deliveries import Delivery, DeliveryItem
from notices.models.notice import Kind, Notice
from notices.models.rules import NoticeRule, Receiver, Step

__all__ = ["Channel", "Delivery", "DeliveryItem", "Kind", "Notice", "NoticeRule", "NotifySettings", "Receiver", "Step"]

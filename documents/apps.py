"""Documents: numbered papers with frozen facts, their service, and what is published."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Numbered papers, 送达, 公示, and the public check page."""

    name = "documents"
    verbose_name = "文书"

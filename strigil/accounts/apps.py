from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AccountsConfig(AppConfig):
    name = "strigil.accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from django.contrib.auth import signals

        from strigil.accounts import checks  # noqa: F401 - registers its checks
        from strigil.accounts.audit import chain, events
        from strigil.accounts.sign_in.session import stamp

        signals.user_logged_in.connect(stamp)
        signals.user_logged_in.connect(events.signed_in)
        signals.user_logged_out.connect(events.signed_out)
        signals.user_login_failed.connect(events.sign_in_failed)
        pre_migrate.connect(chain.before_migrate, sender=self)
        post_migrate.connect(events.after_migrate, sender=self)

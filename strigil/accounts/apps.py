from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "strigil.accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from strigil.accounts import checks  # noqa: F401 - registers its checks
        from strigil.accounts.sign_in.session import stamp

        user_logged_in.connect(stamp)

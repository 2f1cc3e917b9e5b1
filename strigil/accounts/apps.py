from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "strigil.accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from strigil.accounts import checks  # noqa: F401 - registers its checks

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "strigil.registry"
    verbose_name = "Registry"

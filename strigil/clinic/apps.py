from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "strigil.clinic"
    verbose_name = "Clinic"

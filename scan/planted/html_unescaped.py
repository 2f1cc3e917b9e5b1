from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def planted(name):
    # ruleid: html-unescaped
    first = mark_safe(f"<b>{name}</b>")
    # ruleid: html-unescaped
    second = SafeString(name)
    # ok: html-unescaped
    return first, second, format_html("<b>{}</b>", name)

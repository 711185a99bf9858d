"""Template tags of the catalogue."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def practice_icon(name: str) -> SafeString:
    """The drawing of a practice from static/img/practices.svg; decoration, so it does not speak."""
    return format_html(
        '<svg class="practice-icon" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        static("img/practices.svg"),
        name,
    )

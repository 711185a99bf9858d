"""Who gets what at every address: one line per URL name, sorted. docs/access.md tells how to add one.

Columns: nobody, coordinator, technician (of the rancher's district), outsider (a technician of
another district), ministry, rancher (whose data it is), neighbour (another rancher).
Answers: `login` (sent to the log-in page), `ok` (200), `away` (a redirect), or the status.
Arguments of the address and of the request name something of tests/world.py, or are literals after
an equals sign. `method="post"` for addresses that only take a POST; it is sent with `data`.
"""

from dataclasses import dataclass, field

COLUMNS = ("nobody", "coordinator", "technician", "outsider", "ministry", "rancher", "neighbour")


@dataclass(frozen=True)
class Row:
    answers: str
    args: dict[str, str] = field(default_factory=dict)
    method: str = "get"
    data: dict[str, str] = field(default_factory=dict)


def row(answers: str, *, method: str = "get", data: dict | None = None, **args: str) -> Row:
    assert len(answers.split()) == len(COLUMNS), answers
    return Row(answers, args, method, data or {})


# fmt: off
TABLE: dict[str, Row] = {
    "account_change_password": row("login ok ok ok ok 403 403"),
    "account_inactive": row("ok ok ok ok ok ok ok"),
    "account_login": row("ok away away away away away away"),
    "account_logout": row("away ok ok ok ok ok ok"),
    "account_reauthenticate": row("login ok ok ok ok 403 403"),
    "account_reset_password": row("ok ok ok ok ok ok ok"),
    "account_reset_password_done": row("ok ok ok ok ok ok ok"),
    "account_reset_password_from_key": row("away away away away away away away", uidb36="reset_uid", key="reset_key"),
    "account_reset_password_from_key_done": row("ok ok ok ok ok ok ok"),
    "account_set_password": row("login away away away away 403 403"),
    "api:cells": row("401 ok ok ok ok 403 403"),
    "api:cohorts": row("401 ok ok ok ok ok ok"),
    "api:districts": row("401 ok ok ok ok ok ok"),
    "api:docs": row("401 ok ok ok ok ok ok"),
    "api:facts": row("401 ok ok 404 403 ok 404", pk="rancher_record"),
    "api:indicators": row("401 ok ok ok ok ok ok"),
    "api:me": row("401 ok ok ok ok ok ok"),
    "api:nothing": row("404 404 404 404 404 404 404"),
    "api:photos": row("401 ok ok 404 403 403 403", pk="visit"),
    "api:plots": row("401 ok ok ok ok ok ok"),
    "api:practices": row("401 ok ok ok ok ok ok"),
    "api:rancher": row("401 ok ok 404 403 403 403", pk="rancher_record"),
    "api:ranchers": row("401 ok ok ok 403 403 403"),
    "api:schema": row("401 ok ok ok ok ok ok"),
    "api:visit": row("401 ok ok 404 403 403 403", pk="visit"),
    "api:visits": row("401 ok ok ok 403 403 403"),
    "card": row("login ok ok 404 403 403 403", pk="rancher_record"),
    "card_enter": row("ok ok ok ok ok ok ok"),
    "card_revoke": row("login away away 404 403 403 403", pk="rancher_record", method="post"),
    "card_scanned": row("ok ok ok ok ok ok ok", token="card_token"),
    "cards": row("login ok ok ok 403 403 403"),
    "cards_issue": row("login ok ok away 403 403 403", method="post", data={"rancher": "rancher_record"}),
    "health": row("ok ok ok ok ok ok ok"),
    "home": row("login away away away away away away"),
    "mfa_activate_totp": row("login away away away away 403 403"),
    "mfa_add_webauthn": row("login away away away away 403 403"),
    "mfa_authenticate": row("away away away away away away away"),
    "mfa_deactivate_totp": row("login 404 404 404 404 403 403"),
    "mfa_download_recovery_codes": row("login 404 404 404 404 403 403"),
    "mfa_edit_webauthn": row("login away away away away 403 403", pk="=1"),
    "mfa_generate_recovery_codes": row("login away away away away 403 403"),
    "mfa_index": row("login ok ok ok ok 403 403"),
    "mfa_list_webauthn": row("login ok ok ok ok 403 403"),
    "mfa_login_webauthn": row("away away away away away away away"),
    "mfa_reauthenticate": row("login away away away away 403 403"),
    "mfa_reauthenticate_webauthn": row("login away away away away 403 403"),
    "mfa_remove_webauthn": row("login away away away away 403 403", pk="=1"),
    "mfa_view_recovery_codes": row("login 404 404 404 404 403 403"),
    "monitoring:accept_payload": row("login 404 403 403 403 403 403", number="=999999999", method="post"),
    "monitoring:behind": row("login 404 403 403 403 403 403", code="=stocking_rate"),
    "monitoring:close_flag": row("login 400 403 403 403 403 403", pk="flag", method="post"),
    "monitoring:conflict": row("login ok 403 403 403 403 403", conflict_id="conflict"),
    "monitoring:coordination": row("login ok 403 403 403 403 403"),
    "monitoring:dashboard": row("login ok 403 403 ok 403 403"),
    "monitoring:dashboard_live": row("login ok 403 403 ok 403 403", slug="=resumen"),
    "monitoring:dashboard_page": row("login ok 403 403 ok 403 403", slug="=adopcion"),
    "monitoring:export": row("login ok 403 403 ok 403 403", code="=stocking_rate", kind="=csv"),
    "monitoring:indicator": row("login ok 403 403 ok 403 403", code="=stocking_rate"),
    "monitoring:indicators": row("login ok 403 403 ok 403 403"),
    "monitoring:my_progress": row("login 403 403 403 403 ok ok"),
    "monitoring:my_route": row("login 403 ok ok 403 403 403"),
    "monitoring:quality_queue": row("login ok 403 403 403 403 403"),
    "monitoring:quarantine": row("login ok 403 403 403 403 403", number="quarantined"),
    "monitoring:rancher_progress": row("login ok ok 404 403 403 403", rancher_id="rancher_record"),
    "monitoring:refuse_payload": row("login 404 403 403 403 403 403", number="=999999999", method="post"),
    "monitoring:step_done": row("login away away 404 403 403 403", step_id="step", method="post"),
    "monitoring:visit": row("login ok ok 404 403 403 403", visit_id="visit"),
    "monitoring:visit_choose": row("login ok ok ok 403 403 403"),
    "monitoring:visit_delete": row("login away away 404 403 403 403", visit_id="visit", method="post"),
    "monitoring:visit_edit": row("login ok ok 404 403 403 403", visit_id="visit"),
    "monitoring:visit_new": row("login ok ok 404 403 403 403", rancher_id="rancher_record"),
    "monitoring:visit_photo": row("login ok ok 404 403 403 403", photo_id="photo"),
    "monitoring:visit_photos": row("login away away 404 403 403 403", visit_id="visit", method="post"),
    "monitoring:visit_receipt": row("login 404 ok 404 403 403 403", number="received"),
    "monitoring:visit_restore": row("login away away 404 403 403 403", visit_id="visit", method="post"),
    "monitoring:visits": row("login ok ok ok 403 403 403"),
    "practices:attendance": row("login ok ok 404 403 403 403", pk="field_day"),
    "practices:attendance_record": row("login 409 409 404 403 403 403", method="post", data={"attended": "=on"}, pk="field_day", rancher_id="rancher_record"),
    "practices:demonstration_end": row("login 404 403 403 403 403 403", method="post", pk="=99"),
    "practices:demonstration_new": row("login ok 403 403 403 403 403", plot_id="plot"),
    "practices:demonstration_search": row("login ok 403 403 403 403 403"),
    "practices:demonstrations": row("login ok ok ok 403 403 403"),
    "practices:field_day": row("login ok ok ok ok ok ok", pk="field_day"),
    "practices:field_day_calendar": row("login ok ok ok ok ok ok"),
    "practices:field_day_edit": row("login ok ok 404 403 403 403", pk="field_day"),
    "practices:field_day_new": row("login ok ok ok 403 403 403"),
    "practices:field_days": row("login ok ok ok ok ok ok"),
    "practices:list": row("login ok ok ok ok ok ok"),
    "practices:manual": row("login ok ok ok ok ok ok", code="practice_code"),
    "practices:manual_pdf": row("login 404 404 404 404 404 404", pk="manual"),
    "practices:manual_publish": row("login ok 403 403 403 403 403", code="practice_code", language="=es", method="post"),
    "practices:practice": row("login ok ok ok ok ok ok", code="practice_code"),
    "practices:practice_edit": row("login ok 403 403 403 403 403", code="practice_code"),
    "ranchers:close_plot": row("login ok ok 404 403 403 403", pk="plot", method="post"),
    "ranchers:consent": row("login ok ok 404 403 403 403", pk="rancher_record"),
    "ranchers:edit": row("login ok ok 404 403 403 403", pk="rancher_record"),
    "ranchers:edit_plot": row("login ok ok 404 403 403 403", pk="plot"),
    "ranchers:enrol": row("login ok ok 404 403 403 403", pk="rancher_record", method="post"),
    "ranchers:import": row("login 404 403 403 403 403 403", pk="=00000000-0000-4000-8000-000000000000"),
    "ranchers:import_apply": row("login 404 403 403 403 403 403", method="post", pk="=00000000-0000-4000-8000-000000000000"),
    "ranchers:import_progress": row("login 404 403 403 403 403 403", pk="=00000000-0000-4000-8000-000000000000"),
    "ranchers:import_template": row("login ok 403 403 403 403 403"),
    "ranchers:import_undo": row("login 404 403 403 403 403 403", method="post", pk="=00000000-0000-4000-8000-000000000000"),
    "ranchers:import_wrong_rows": row("login 404 403 403 403 403 403", pk="=00000000-0000-4000-8000-000000000000"),
    "ranchers:imports": row("login ok 403 403 403 403 403"),
    "ranchers:land_use": row("login ok ok 404 403 403 403", pk="plot"),
    "ranchers:list": row("login ok ok ok 403 403 403"),
    "ranchers:map": row("login ok ok ok ok 403 403"),
    "ranchers:map_plots": row("login ok ok ok ok 403 403", data={"bbox": "=-70,-12,-69,-11"}),
    "ranchers:new_boundary": row("login ok ok 404 403 403 403", pk="plot"),
    "ranchers:new_plot": row("login ok ok 404 403 403 403", rancher_pk="rancher_record"),
    "ranchers:page": row("login ok ok 404 403 ok 404", pk="rancher_record"),
    "ranchers:photo": row("login 404 404 404 403 404 404", pk="rancher_record"),
    "ranchers:plot": row("login ok ok 404 403 ok 404", pk="plot"),
    "ranchers:register": row("login ok ok ok 403 403 403"),
    "ranchers:status": row("login ok ok 404 403 403 403", pk="enrolment", method="post"),
    "set_language": row("away away away away away away away", method="post", data={"language": "=es"}),
    "token_revoke": row("login 404 404 404 away 403 403", pk="token", method="post"),
    "tokens": row("login ok ok ok ok 403 403"),
    "user_deactivate": row("login away 403 403 403 403 403", pk="account", method="post"),
    "user_edit": row("login ok 403 403 403 403 403", pk="account"),
    "user_new": row("login ok 403 403 403 403 403"),
    "user_password_link": row("login ok 403 403 403 403 403", pk="account", method="post"),
    "user_reactivate": row("login ok 403 403 403 403 403", pk="account", method="post"),
    "user_second_step": row("login away 403 403 403 403 403", pk="account", method="post"),
    "users": row("login ok 403 403 403 403 403"),
}
# fmt: on
